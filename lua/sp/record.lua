-- record: a table of strings that keeps its order. r.key reads, r.key = value
-- sets in place or adds at the end, r.key = nil drops; tostring(r) is the line
-- without its LF; for key, value in pairs(r) goes in order.
local core = require "sp.core.record"

local record = {}
local meta = { __name = "record" }

function meta:__newindex(key, value)
  if math.type(key) or type(key) ~= "string" then error("a record's key is a string", 2) end
  if value == nil then return end
  if not core.parse(key .. "=") then error(key .. " cannot be a key", 2) end
  rawset(self, #self + 1, key)
  rawset(self, key, value)
end

local function text(self, json)
  local list, seen = {}, {}
  for _, key in ipairs(self) do
    local value = rawget(self, key)
    if value ~= nil and not seen[key] then
      list[#list + 1] = key
      list[key] = tostring(value)
    end
    seen[key] = true
  end
  local line, why = core.format(list, json)
  if not line then error({ error = "record", detail = why }, 0) end
  return (line:gsub("\n$", ""))
end

function meta:__tostring() return text(self, false) end

function meta:__pairs()
  local i, seen = 0, {}
  return function()
    while true do
      i = i + 1
      local key = rawget(self, i)
      if key == nil then return nil end
      if rawget(self, key) ~= nil and not seen[key] then
        seen[key] = true
        return key, rawget(self, key)
      end
    end
  end
end

-- A record of a list of {key, value} or of a plain table (then by key's order).
function record.new(fields)
  local r, keys = setmetatable({}, meta), {}
  for key in pairs(fields or {}) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, pair in ipairs(fields or {}) do r[pair[1]] = pair[2] end
  for _, key in ipairs(keys) do r[key] = fields[key] end
  return r
end

-- The record as one JSON object.
function record.json(r) return text(r, true) end

function record.is(r) return getmetatable(r) == meta end

-- A line as a record, or nil and the reason.
function record.parse(line)
  local r, why = core.parse(line)
  if not r then return nil, why end
  return setmetatable(r, meta)
end

-- Records from a descriptor: reader:next(deadline) one record; nil at the end;
-- false and the reason for a malformed line or a deadline that passed.
local reader = {}
reader.__index = reader

function record.reader(fd, name)
  return setmetatable({ core = core.reader(fd, name or "stdin"), wants = { fd = fd, events = "r" } }, reader)
end

function reader:next(deadline)
  while true do
    local r, why = self.core:next()
    if r then return setmetatable(r, meta) end
    if r == false then return false, why end
    if self.ended then return nil end
    local ready
    ready, why = require("sp.loop").wait(deadline, self.wants)
    if not ready then return false, why end
    local more, cause = self.core:fill()
    if more == nil then return false, cause end
    self.ended = not more
  end
end

-- The same without secrets: for terminals and logs.
function record.public(r)
  local copy = record.new()
  for key, value in pairs(r) do
    copy[key] = core.secret(key) and core.shorten(value) or value
  end
  return copy
end

return record
