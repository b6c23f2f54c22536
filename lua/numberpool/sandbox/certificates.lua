--- Certificates for HTTPS.
local folder = require "numberpool.sandbox.folder"

local certificates = {}

-- An authority, and a certificate of it for this machine. A key of P-256 takes some milliseconds; one of RSA would take
-- longer than all the rest of a start.
local MAKE = [[
umask 077
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650'
openssl req -x509 $key -keyout ca.key -out ca.pem -subj '/CN=numberpool sandbox authority' \
  -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>openssl.log &&
openssl req -x509 $key -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj '/CN=localhost' \
  -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost' -addext 'basicConstraints=critical,CA:FALSE' \
  -addext 'extendedKeyUsage=serverAuth' 2>>openssl.log || { cat openssl.log; exit 1; }]]

--- Makes ca.pem, server.pem and server.key in a folder.
---@param path string
---@return boolean?
---@return string? problem
function certificates.make(path)
  local output, status = folder.run(path, MAKE)
  if not output then
    return nil, status
  end
  if status == 0 then
    return true
  end
  if output:find("not found", 1, true) then
    return nil, "openssl isn't installed: apt-get install openssl"
  end
  return nil, "openssl made no certificate: " .. (output:match "[^\n]+" or "it printed nothing")
end

return certificates
