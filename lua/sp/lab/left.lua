-- lab.left: what sessions have left behind: devices, addresses, routes, rules,
-- queueing disciplines and processes that were not there when the laboratory
-- was ready, and leases and calls that are not over.
local net = require "sp.lab.net"
local process = require "sp.process"
local record = require "sp.record"

local left = {}

local function lines(set, netns, kind, what)
  what.netns, what.stderr = netns, false
  for text in (process.run(what) or ""):gmatch("[^\n]+") do
    text = text:gsub("%s+$", ""):gsub("%f[%w]expires %S+", ""):gsub("\\", " ")
    set[kind .. " " .. text] = true
  end
end

local function processes(set, netns)
  for _, id in ipairs(net.processes(netns)) do
    local f <close> = io.open("/proc/" .. id .. "/comm")
    local name = f and f:read("l")
    if name then set[("process %d %s"):format(id, name)] = true end
  end
end

-- Everything of one party, as a set of texts.
local function look(netns)
  local set = {}
  lines(set, netns, "device", { "ip", "-br", "link" })
  lines(set, netns, "address", { "ip", "-br", "addr" })
  lines(set, netns, "route", { "ip", "-4", "route", "show", "table", "all" })
  lines(set, netns, "rule", { "ip", "-4", "rule" })
  lines(set, netns, "qdisc", { "tc", "qdisc", "show" })
  processes(set, netns)
  return set
end

-- What there is now, written down as what is nobody's session.
function left.baseline(lab)
  local all = {}
  for _, p in ipairs(net.party) do
    for text in pairs(look(lab:netns(p[1]))) do all[#all + 1] = tostring(record.new { party = p[1], is = text }) end
  end
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
  for _, p in ipairs(net.party) do
    local was = before[p[1]] or {}
    for text in pairs(look(lab:netns(p[1]))) do
      if not was[text] then add(p[1], text) end
    end
  end
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
