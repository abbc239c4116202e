-- loop: tasks that wait side by side. One of them is the main task, the
-- recipe: a signal, or the failure of another task, is an error in it where it
-- waits, so that its <close> variables undo everything on the way out. A second
-- signal cuts short what it then waits for.
local poll = require "sp.core.poll"
local signal = require "sp.core.signal"

local loop = { now = poll.now }
local waiting, main, signals = {}, nil, nil

-- A moment `seconds` from now; nil stays nil (never).
function loop.deadline(seconds)
  return seconds and poll.now() + math.floor(seconds * 1000)
end

-- Waits until one of the entries is ready: {fd=, events="r"|"w"|""} or
-- {when=function}. Its number, or nil and "timed out".
function loop.wait(deadline, ...)
  local got = coroutine.yield { deadline = deadline, ... }
  if type(got) == "table" then error(got.error, 0) end
  if not got then return nil, "timed out" end
  return got
end

local function explain(cause)
  return type(cause) == "string" and debug.traceback(cause, 2) or cause
end

-- Starts fn(...) as a task of its own. task.done, then task.result (a list).
-- A failure is caught inside, so that <close> variables may wait on the way out.
function loop.task(fn, ...)
  local args, task = table.pack(...), {}
  task.co = coroutine.create(function()
    local result = table.pack(xpcall(fn, explain, table.unpack(args, 1, args.n)))
    if result[1] then
      task.result = table.pack(table.unpack(result, 2, result.n))
    else
      task.failed = { error = result[2] }
    end
    task.done = true
  end)
  task.ready = { when = function() return task.done end }
  waiting[task.co] = { starts = true, task = task }
  return task
end

-- Waits for tasks; true, or nil and "timed out".
function loop.join(deadline, ...)
  for _, task in ipairs { ... } do
    if not task.done and not loop.wait(deadline, task.ready) then return nil, "timed out" end
  end
  return true
end

function loop.cancel(task)
  waiting[task.co] = nil
  if coroutine.status(task.co) == "suspended" then coroutine.close(task.co) end
  task.done = true
end

local function resume(co, value)
  local task = waiting[co].task
  waiting[co] = nil
  local ok, want = coroutine.resume(co, value)
  if not ok then error(want, 0) end
  if coroutine.status(co) ~= "dead" then
    want.task = task
    waiting[co] = want
  elseif task.failed and task ~= main and waiting[main.co] then
    resume(main.co, task.failed)
  end
end

local function take_signal()
  local name, number = signal.take(signals)
  if not name or not waiting[main.co] then return end
  if loop.signalled then
    resume(main.co, false)
  else
    loop.signalled = name
    resume(main.co, { error = { signal = name, number = number } })
  end
end

-- What everybody waits for: the list to poll, whose each entry is, the first
-- deadline, and those that are ready already.
local function gather()
  local list, owner, first, woken = { { fd = signals, events = "r" } }, {}, nil, {}
  for co, want in pairs(waiting) do
    if want.starts then woken[co] = true end
    for i, entry in ipairs(want) do
      if not entry.when then
        list[#list + 1] = entry
        owner[#list] = { co, i }
      elseif entry.when() then
        woken[co] = woken[co] or i
      end
    end
    if want.deadline and (not first or want.deadline < first) then first = want.deadline end
  end
  return list, owner, first, woken
end

local function turn()
  local list, owner, first, woken = gather()
  local ready = assert(poll.wait(list, next(woken) and 0 or first))
  for _, i in ipairs(ready) do
    if i > 1 then woken[owner[i][1]] = woken[owner[i][1]] or owner[i][2] end
  end
  local now = poll.now()
  for co, want in pairs(waiting) do
    if want.deadline and want.deadline <= now and woken[co] == nil then woken[co] = false end
  end
  for co, value in pairs(woken) do
    if waiting[co] then resume(co, value) end
  end
  if ready[1] == 1 then take_signal() end
end

-- Runs fn as the main task until it ends: its results, or its error.
function loop.run(fn, ...)
  signals = assert(signal.catch { "INT", "TERM", "HUP" })
  main = loop.task(fn, ...)
  while not main.done do turn() end
  if main.failed then error(main.failed.error, 0) end
  return table.unpack(main.result, 1, main.result.n)
end

return loop
