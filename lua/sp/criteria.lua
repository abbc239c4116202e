-- criteria: what the ticket says, or what the options say in its place.
local fd = require "sp.core.fd"
local pipeline = require "sp.pipeline"
local record = require "sp.record"

local criteria = {}

local rows = {
  { "serial", "DIGITS", "first or last digits of the serial number" },
  { "customer", "TEXT", "part of the customer's name" },
  { "site", "ID", "the customer's site" },
  { "phone", "NUMBER", "the service processor's telephone number" },
  { "model", "NAME", "model of the system" },
  { "region", "NAME", "region of the site" },
  { "ticket", "NUMBER", "of the service ticket, where there is no FILE of it" },
}

-- What sp.options takes, with those that name a system in front.
function criteria.with(spec)
  table.move(spec, 1, #spec, #rows + 1)
  return table.move(rows, 1, #rows, 1, spec)
end

-- For sp-ticket: input (nil: our own) and operand. opt: of sp.options.
function criteria.input(opt)
  local sp = require "sp"
  local r = record.new()
  for _, key in ipairs { "serial", "customer", "site", "phone", "model", "region" } do r[key] = opt[key] end
  if opt.ticket and #r == 0 then sp.fail("usage", "--ticket NUMBER needs what is to be reached: --serial DIGITS ... (--help)") end
  if #r > 0 and opt[1] then sp.fail("usage", "a ticket's file or criteria: not both") end
  r.ticket = opt.ticket
  if #r > 0 then
    local from, to = fd.pipe()
    assert(pipeline.write(to, tostring(r) .. "\n"))
    to:close()
    return from, "-"
  elseif not opt[1] and fd.tty(0) then
    sp.fail("usage", "a ticket or a criterion is needed: FILE, --serial DIGITS ... (--help)")
  end
  return nil, opt[1]
end

return criteria
