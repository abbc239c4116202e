-- lab.left: what sessions have left behind: devices, addresses, routes, rules,
-- queueing disciplines and processes that were not there when the laboratory
-- was ready, and leases and calls that are not over.
local net = require "sp.lab.net"
local process = require "sp.process"
local record = require "sp.record"

local left = {}

-- What a line of ip(8) is about.
local function kind(line)
  return line:find "^%d+:%s+from " and "rule" or line:find "^%d+: %S+ <" and "device" or
    line:find "^%d+: %S+%s+inet" and "address" or "route"
end

-- A process, by its name; a connection of sp-auth's to its RADIUS server by that of sp-auth, with which
-- it ends: how many there are at the time is nobody's session.
local function process_text(id)
  local f <close> = io.open("/proc/" .. id .. "/stat")
  local name, parent = (f and f:read("a") or ""):match("%((.*)%) %a (%d+)")
  local owner = name == "sp-tls" and process_text(parent)
  if owner and owner:find(" sp-auth", 1, true) then return owner end
  return name and ("process %d %s"):format(id, name)
end

-- Everything of one party, as a set of texts. A device's line has its queueing discipline.
local function look(netns, processes)
  local set = {}
  for text in net.batch(netns, { "link", "addr", "route show table all", "rule" }):gmatch "[^\n]+" do
    text = text:gsub("%s+$", ""):gsub("%f[%w]expires %S+", ""):gsub("\\", " ")
    set[kind(text) .. " " .. text] = true
  end
  for text in (process.run { "nft", "-s", "list", "ruleset", netns = netns, stderr = false } or ""):gmatch "[^\n]+" do
    set["filter " .. text:gsub("^%s+", "")] = true
  end
  for _, id in ipairs(processes) do
    local text = process_text(id)
    if text then set[text] = true end
  end
  return set
end

-- function(party, text) for everything there is now.
local function each(lab, fn)
  local names = {}
  for _, p in ipairs(net.party) do names[#names + 1] = lab:netns(p[1]) end
  local ids = net.processes(names)
  for i, p in ipairs(net.party) do
    for text in pairs(look(names[i], ids[names[i]])) do fn(p[1], text) end
  end
end

-- What there is now, written down as what is nobody's session.
function left.baseline(lab)
  local all = {}
  each(lab, function(party, text) all[#all + 1] = tostring(record.new { party = party, is = text }) end)
  table.sort(all)
  local f <close> = assert(io.open(lab:path "baseline", "w"))
  f:write(table.concat(all, "\n"), "\n")
end

local function known(lab)
  local sets = {}
  for line in io.lines(lab:path "baseline") do
    local r = record.parse(line)
    sets[r.party] = sets[r.party] or {}
    sets[r.party][r.is] = true
  end
  return sets
end

local function rows(lab, name)
  local text = process.run { "sp-db", "--db", lab:path "store/sp.db", "dump", name, stderr = false }
  local all = {}
  for line in (text or ""):gmatch("[^\n]+") do all[#all + 1] = record.parse(line) end
  return all
end

-- A list of records party= left=; empty when all is undone.
function left.find(lab)
  local found, before = {}, known(lab)
  local function add(party, text) found[#found + 1] = record.new { { "party", party }, { "left", text } } end
  each(lab, function(party, text)
    if not (before[party] and before[party][text]) then add(party, text) end
  end)
  for _, r in ipairs(rows(lab, "leases")) do add("mon", "lease " .. r.session .. " until " .. r["until"]) end
  for _, r in ipairs(rows(lab, "calls")) do
    if r.state180 ~= "ended" then add("mon", "call " .. r.session .. " " .. r.state180 .. " " .. (r.state182 or "")) end
  end
  return found
end

-- Looks again until nothing is left or the deadline passed.
function left.none(lab, deadline)
  local loop = require "sp.loop"
  local found
  repeat
    found = left.find(lab)
  until #found == 0 or loop.now() > deadline or loop.wait(loop.deadline(0.1))
  return found
end

return left
