-- Makes a certificate for 127.0.0.1 and its key, for servers of the specs that speak TLS.
local interpreter = require "spec.support.interpreter"

local certificate = {}

local quote, shell = interpreter.quote, interpreter.shell

--- Makes certificate.pem and key.pem in a folder of their own.
---@return string folder
function certificate.make()
  local folder = shell("mktemp -d"):gsub("%s+$", "")
  shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
    .. "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " .. quote(folder .. "/key.pem")
    .. " -out " .. quote(folder .. "/certificate.pem") .. " 2>/dev/null")
  return folder
end

---@param folder string
function certificate.remove(folder)
  shell("rm -rf " .. quote(folder))
end

return certificate
