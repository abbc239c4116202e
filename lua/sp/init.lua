-- sp: what a recipe requires, sp-recipe(5). This file only gathers it.
local fd = require "sp.core.fd"
local file = require "sp.core.file"
local loop = require "sp.loop"
local options = require "sp.options"
local pipeline = require "sp.pipeline"
local process = require "sp.process"
local record = require "sp.record"
local secret = require "sp.core.secret"

local sp = {
  record = record.new, parse = record.parse, reader = record.reader, public = record.public,
  spawn = process.spawn, run = process.run, process = process.open, started = process.started, must = process.must,
  pipeline = pipeline.new, write = pipeline.write,
  options = options.parse, words = options.words,
  now = loop.now, deadline = loop.deadline, wait = loop.wait, task = loop.task, join = loop.join,
  password = secret.ask, tty = fd.tty, pipe = fd.pipe, open = fd.open, save = file.write,
  exit = { ok = 0, none = 1, usage = 2, timeout = 3, denied = 4, busy = 5, peer = 6, record = 7, system = 8 },
}

-- Called once by main with what the program knows of itself.
function sp.setup(self)
  sp.top, sp.share, sp.version, sp.json, sp.log = self.top, self.share, self.version, self.json, self.log
end

-- Ends the recipe: a word of the closed list of errors and a text.
function sp.fail(word, detail, step)
  if not sp.exit[word] then error(tostring(word) .. " is no error word", 2) end
  error({ error = word, detail = detail, step = step }, 0)
end

-- Words as a shell reads them again.
function sp.quote(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = "'" .. word:gsub("'", "'\\''") .. "'" end
  return table.concat(quoted, " ")
end

-- A record to standard output, shortened on a terminal; a failure is exit 8.
function sp.put(r)
  if fd.tty(1) then r = record.public(r) end
  local ok, why = sp.write(1, (sp.json and record.json or tostring)(r) .. "\n")
  if not ok then sp.fail("system", "standard output: " .. why) end
end

return sp
