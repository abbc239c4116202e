-- pipeline: stages side by side, records from each to the next. A stage is a
-- command (a list as for process.spawn) or a function(records, put) in here.
-- Between two commands there is nothing but the kernel's pipe. When the
-- variable that holds the pipeline ends, so does its last stage's reader, and
-- the stages unwind backwards by themselves; close waits for that.
local fd = require "sp.core.fd"
local loop = require "sp.loop"
local process = require "sp.process"
local record = require "sp.record"

local pipeline = {}
local meta = { __name = "pipeline" }
meta.__index = meta

local LOG_FD = 9

-- A copy of the stage's command that reports to the log pipe, if there is one.
local function command(stage, spec, log)
  local what = { fds = {}, env = stage.env, netns = stage.netns or spec.netns, stderr = stage.stderr }
  for n, handle in pairs(stage.fds or {}) do what.fds[n] = handle end
  table.move(stage, 1, #stage, 1, what)
  if log then
    table.insert(what, 2, "--log")
    table.insert(what, 3, "fd:" .. LOG_FD)
    what.fds[LOG_FD] = log
  end
  return what
end

-- The stage that is Lua: a task that ends with its input or its reader.
local function inside(stage, input, output)
  return loop.task(function()
    local reader = record.reader(input, "the stage before")
    local function put(r)
      return pipeline.write(output, tostring(r) .. "\n")
    end
    stage(function() return reader:next() end, put)
    input:close()
    output:close()
  end)
end

-- All of a text to a descriptor; nil and the reason when it cannot take it.
function pipeline.write(to, text, deadline)
  while text ~= "" do
    local ready, why = loop.wait(deadline, { fd = to, events = "w" })
    if not ready then return nil, why end
    local n, cause = fd.write(to, text:sub(1, 4096))
    if not n then return nil, cause end
    text = text:sub(n + 1)
  end
  return true
end

local function follow(self, r, heard)
  local reader = record.reader(r, "the log")
  return loop.task(function()
    for event in function() return reader:next() end do heard(event) end
    self.log:close()
  end)
end

local function start(self, spec, log_end)
  local input = spec.input
  for i, stage in ipairs(spec) do
    local r, w = fd.pipe()
    if type(stage) == "function" then
      self.task[#self.task + 1] = inside(stage, input, w)
    else
      local what = command(stage, spec, log_end)
      what.stdin, what.stdout = input, w
      local p, why = process.spawn(what)
      w:close()
      if input then input:close() end
      if not p then
        r:close()
        error({ error = "system", detail = why }, 0)
      end
      self.process[#self.process + 1] = p
    end
    input, self.last = r, i
  end
  return input
end

-- {stage, stage, ..., input=handle, netns="NAME", log=function(record)}: the
-- running pipeline. With log, what the tools log (tool=, step=, event=...) is
-- handed over as it happens. Takes the input handle over.
function pipeline.new(spec)
  local self <const> = setmetatable({ process = {}, task = {} }, meta)
  local log_end
  if spec.log then
    self.log, log_end = fd.pipe()
    self.follower = follow(self, self.log, spec.log)
  end
  local ok, out = pcall(start, self, spec, log_end)
  if log_end then log_end:close() end
  if not ok then
    self:close()
    error(out, 0)
  end
  self.out = out
  self.reader = record.reader(out, "the last stage")
  return self
end

-- The next record of the last stage; nil at the end; false and the reason.
function meta:next(deadline) return self.reader:next(deadline) end

-- Ready for loop.wait: the last stage has said something, or ended.
function meta:ready() return { fd = self.out, events = "r" } end

-- Lets go of the last stage and waits until every stage has undone what it
-- held, `seconds` (15) for all. The exit statuses in the order of the stages.
function meta:close(seconds)
  if self.status then return self.status end
  if self.out then self.out:close() end
  for _, task in ipairs(self.task) do loop.cancel(task) end
  local deadline, status = loop.deadline(seconds or 15), {}
  for i = #self.process, 1, -1 do
    status[i] = self.process[i]:wait(deadline) or self.process[i]:stop(2) or 137
  end
  if self.follower then loop.join(loop.deadline(1), self.follower) end
  self.status = status
  return status
end

function meta:__close() self:close() end

-- The exit status of it all: the highest, sp(7); a stage that was killed
-- counts as a failure of this machine, one whose reader went as none.
function meta:result()
  local worst = 0
  for _, s in ipairs(self:close()) do
    if s == 141 then s = 0 end
    worst = math.max(worst, s > 8 and 8 or s)
  end
  return worst
end

return pipeline
