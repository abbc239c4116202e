-- api.lua CASE - what sp-recipe(5) promises, checked inside the real binary.
-- Each case is one bats test; a case that returns is passed.
local sp = require "sp"
local case = {}

local function same(got, want)
  if got ~= want then error(("%s, wanted %s"):format(tostring(got), tostring(want)), 2) end
end

function case.record_keeps_its_order()
  local r = assert(sp.parse("b=1\ta=x\\ty\tc="))
  same(r.a, "x\ty")
  same(r.c, "")
  r.z, r.b, r.c = "new", "2", nil
  same(tostring(r), "b=2\ta=x\\ty\tz=new")
  r.c = "again"
  same(tostring(r), "b=2\ta=x\\ty\tc=again\tz=new")
  local keys = {}
  for key in pairs(r) do keys[#keys + 1] = key end
  same(table.concat(keys, " "), "b a c z")
end

function case.record_refuses()
  for _, line in ipairs { "", "a", "=x", "a=1\ta=2", "a=\\q" } do
    local r, why = sp.parse(line)
    same(r, nil)
    same(type(why), "string")
  end
  same(pcall(function() sp.record {}["a b"] = "x" end), false)
end

function case.secrets_are_shortened()
  local r = sp.public(sp.record { { "serial", "1" }, { "token", "abcdefghijklmnopqrstuvwxyz" } })
  same(r.serial, "1")
  same(r.token:find("uvwxyz", 1, true), nil)
end

function case.run_gives_output_and_status()
  local text, status = sp.run { "sh", "-c", "echo out; exit 3" }
  same(text, "out\n")
  same(status, 3)
  local none, why = sp.run { "/nowhere/to/be/found" }
  same(none, nil)
  assert(why:find("No such file"), why)
end

function case.wait_has_a_deadline()
  local p <close> = assert(sp.spawn { "sleep", "100" })
  local from = sp.now()
  local status, why = p:wait(sp.deadline(0.1))
  same(status, nil)
  same(why, "timed out")
  assert(sp.now() - from >= 100)
end

function case.a_handle_ends_its_process()
  local id
  do
    local p <close> = assert(sp.spawn { "sleep", "100" })
    id = p.id
  end
  local f = io.open("/proc/" .. id)
  same(f, nil)
end

function case.descriptors_and_environment()
  local r <close>, w = sp.pipe()
  assert(w:write("from five"))
  w:close()
  local text = sp.run { "sh", "-c", 'cat <&5; echo " $WHO"', fds = { [5] = r }, env = { "WHO=me" } }
  same(text, "from five me\n")
end

function case.pipeline_of_commands_and_functions()
  local r <close>, w = sp.pipe()
  assert(sp.write(w, "n=1\nn=2\nn=3\n"))
  w:close()
  local function odd(records, put)
    for rec in records do
      if tonumber(rec.n) % 2 == 1 then put(rec) end
    end
  end
  local got = {}
  local p <close> = sp.pipeline { { "sp-record", "set", "seen=yes" }, odd, { "sp-record", "drop", "x" }, input = r }
  for rec in function() return p:next() end do got[#got + 1] = tostring(rec) end
  same(table.concat(got, " "), "n=1\tseen=yes n=3\tseen=yes")
  same(p:result(), 0)
end

function case.pipeline_result_is_the_highest()
  local p <close> = sp.pipeline { { "sh", "-c", "exit 4" }, { "sh", "-c", "exit 1" } }
  same(p:next(), nil)
  same(p:result(), 4)
end

function case.pipeline_closes_backwards()
  local p = sp.pipeline { { "sh", "-c", "while echo a=1; do :; done" }, { "cat" } }
  same(tostring(p:next()), "a=1")
  local status = p:close()
  assert(status[1] == 141 or status[1] == 1 or status[1] == 2, status[1])
  same(status[2], 141)
end

function case.tasks_run_side_by_side()
  local from = sp.now()
  local function nap() sp.wait(sp.deadline(0.2)) return "awake" end
  local a, b = sp.task(nap), sp.task(nap)
  assert(sp.join(nil, a, b))
  same(a.result[1], "awake")
  assert(sp.now() - from < 390)
end

function case.a_failed_task_ends_the_recipe()
  sp.task(function() sp.fail("busy", "somebody is there", 313) end)
  local ok, cause = pcall(sp.wait, sp.deadline(5))
  same(ok, false)
  same(cause.error, "busy")
end

function case.unwinding_may_wait()
  local seen = {}
  pcall(function()
    local mark <close> = setmetatable({}, { __close = function()
      sp.wait(sp.deadline(0.05))
      seen[1] = true
    end })
    sp.fail("denied", "no")
  end)
  same(seen[1], true)
end

function case.misuse_is_an_error()
  same(pcall(sp.spawn, {}), false)
  same(pcall(sp.fail, "nonsense"), false)
  same(pcall(sp.spawn, { "true", fds = { [3] = "x" } }), false)
end

case[...]()
