--- The bodies that the benchmarks' server answers with: the shapes of the API, written without spaces.
-- @module spec.bench.answers

local answers = {}

local NUMBER = '{"account_phone_number_resource":"/v1/Account/%s/Number/%s/","added_on":"2022-10-09T11:24:35.085797Z",'
  .. '%s"country_iso2":"US","number":"%s","number_pool_uuid":"%s","service":"sms","type":"fixed"}'

--- A number on its own, as find_number gets it.
---@param account table { auth_id, pool }
---@param number string
---@return string
function answers.number(account, number)
  local api_id = '"api_id":"612982e8-0a87-11ea-b072-0242ac110007",'
  return NUMBER:format(account.auth_id, number, api_id, number, account.pool)
end

--- A full page of a pool that has more, as list_numbers gets it: a list of strings to be joined.
---@param account table { auth_id, pool }
---@param first integer the page's first number
---@param count integer entries on the page
---@return string[]
function answers.page(account, first, count)
  local next_page = ("/v1/Account/%s/NumberPool/%s/Number/?limit=%d&offset=%d"):format(
    account.auth_id, account.pool, count, count)
  local parts = {
    ('{"api_id":"06c15d7c-7ed5-11ea-855f-0242ac110003","meta":{"limit":%d,"next":"%s","offset":0,"previous":"",'
      .. '"total_count":%d},"objects":['):format(count, next_page, 5 * count),
  }
  for i = 1, count do
    local number = ("%.0f"):format(first + i - 1)
    parts[#parts + 1] = NUMBER:format(account.auth_id, number, "", number, account.pool) .. (i < count and "," or "]}")
  end
  return parts
end

return answers
