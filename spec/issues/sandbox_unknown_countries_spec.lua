-- A country that doesn't exist was searched for like any other, and some that do exist weren't known.
local fixture = require "spec.support.fixture"
local sandbox_http = require "spec.support.sandbox_http"

local iso_3166_1 = [[
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
VN VU WF WS YE YT ZA ZM ZW]]

describe("a country in the sandbox", function()
  local server = fixture.sandbox()
  local account = sandbox_http.account(server)
  local seeded = assert(server:seed { numbers = {
    "15125550001", "77012345678", "79161234567", "447781123456", "441534123456", "5997123456", "59991234567",
  } })
  local list = "NumberPool/" .. seeded.pool .. "/Number/"

  it("is known if ISO 3166-1 has it", function()
    local known = 0
    for code in iso_3166_1:gmatch("%u%u") do
      for _, path in ipairs {
        list .. "?country_iso2=" .. code, list .. "?starts_with=512&country_iso2=" .. code:lower(),
        "PhoneNumber/?country_iso=" .. code,
      } do
        assert.equal(200, account.get(path).status, path)
      end
      known = known + 1
    end
    assert.equal(249, known)
  end)

  it("is refused if there is none of that name, with prefixes and without", function()
    for _, code in ipairs { "ZZ", "XX", "UK", "EU", "AN" } do
      for _, query in ipairs { "country_iso2=" .. code, "starts_with=512&country_iso2=" .. code } do
        local answer = account.get(list .. "?" .. query)
        assert.equal(400, answer.status, query)
        assert.equal(("country_iso2: %s is not a known country"):format(code), answer.json.error)
      end
      local answer = account.get("PhoneNumber/?country_iso=" .. code)
      assert.equal(400, answer.status)
      assert.equal(("country_iso: %s is not a known country"):format(code), answer.json.error)
    end
  end)

  it("has its own numbers where it shares a calling code", function()
    for code, number in pairs {
      KZ = "77012345678", RU = "79161234567", GG = "447781123456", JE = "441534123456", BQ = "5997123456",
      CW = "59991234567", US = "15125550001",
    } do
      local objects = account.get(list .. "?country_iso2=" .. code).json.objects
      assert.equal(1, #objects, code)
      assert.equal(number, objects[1].number)
    end
    assert.equal(1, account.get(list .. "?country_iso2=KZ&starts_with=701").json.meta.total_count)
    assert.equal("mobile", account.get(list .. "447781123456/").json.type)
  end)
end)
