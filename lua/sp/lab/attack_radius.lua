-- lab.attack_radius: somebody stands between the router and the RADIUS server,
-- which are without TLS. To a question about a wrong password he first answers
-- Access-Accept, forged in five ways, then what the RADIUS server answers. He has
-- the router's own address: nobody else's questions are answered by UDP.
local attack = require "sp.lab.attack"

local kinds = {
  { "auth", "an Access-Accept with a wrong Response Authenticator", "its authenticator is not made with our secret" },
  { "nomac", "one without Message-Authenticator", "it has no Message-Authenticator" },
  { "badmac", "one with a wrong Message-Authenticator", "its Message-Authenticator is not made with our secret" },
  { "id", "one to another request", "it answers another request" },
  { "port", "one from another port", "it comes from elsewhere" },
}

return function(lab)
  local list, asked, said = {}, nil, nil
  local forger = { "radius-forger", "-a", "10.50.0.38", "2", lab:path "radius.secret", "10.50.0.36:1812" }
  for _, kind in ipairs(kinds) do forger[#forger + 1] = kind[1] end

  -- All five by one question: that is where they are.
  local function ask()
    if not asked then
      local p <close>, ready = attack.serve(lab, "nas", forger, "ready=")
      asked, said = attack.run(lab, "nas", { "sp-auth", "--step", "317", "--server", "10.50.0.38:" .. ready:match("port=(%d+)"),
        "--secret-file", lab:path "radius.secret", "--log", lab:path "log/auth.log" }, "user=alice\tpassword=not the password\n")
    end
    return asked, said
  end

  for i, kind in ipairs(kinds) do
    list[i] = { what = "RADIUS: " .. kind[2], run = ask, status = 4, told = { "error=denied", "step=317" },
      step = 317, reason = kind[3], log = "auth.log", from = 0, seen = { "step=317\tevent=dropped\tfrom=10.50.0.38:", "detail=" .. kind[3] } }
  end
  return list
end
