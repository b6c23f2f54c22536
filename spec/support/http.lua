-- Writes HTTP answers, for the scripted server.
local http = {}

local REASONS = {
  [200] = "OK", [201] = "Created", [202] = "Accepted", [204] = "No Content", [302] = "Found",
  [400] = "Bad Request", [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found", [409] = "Conflict",
  [422] = "Unprocessable Entity", [429] = "Too Many Requests", [500] = "Internal Server Error",
  [503] = "Service Unavailable",
}

--- The bytes of an answer.
---@param status integer
---@param body string
---@param headers table? more headers by name; without a Content-Type it is JSON's
---@return string
function http.answer(status, body, headers)
  local lines = { "HTTP/1.1 " .. status .. " " .. (REASONS[status] or "Something") }
  local all = { ["Content-Type"] = "application/json" }
  for name, value in pairs(headers or {}) do
    all[name] = value
  end
  for name, value in pairs(all) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if status ~= 204 then
    lines[#lines + 1] = "Content-Length: " .. #body
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
end

--- The bytes of an answer of 200 in JSON.
---@param body string
---@return string
function http.json(body)
  return http.answer(200, body)
end

return http
