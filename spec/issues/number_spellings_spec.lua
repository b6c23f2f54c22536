-- Spellings that went out as another number than the one that was written.
local fixture = require "spec.support.fixture"

local server = fixture.sandbox()
local pool = fixture.pool(server, {})

local HOME = "that is dialled within the country only"

-- spelling, what the message says
local REFUSED = {
  { "+4930123456.0", "no . after more than 4 digits" }, { "+1 512 555 0100.0", "no . before a single last digit" },
  { "+49 30 123456/7", "not two with a /" }, { "+49 30 1234/1235", "not two with a /" },
  { "+44 20 7946 0100 (5)", "parentheses only around" }, { "+44 20 (7946) 0100", "parentheses only around" },
  { "+44 ((20)) 7946", "parentheses only around" }, { "+44 20) 7946", "in pairs" }, { "+44 (20", "in pairs" },
  { "+44 (20)", "no short group" }, { "+1-512-555-0100-", "a digit at the end" },
  { "+44 (0)20 7946 0100", "no 0 after +44 " .. HOME }, { "+44 (020) 7946 0100", "no 0 after +44 " .. HOME },
  { "+44 020 7946 0100", "no 0 after +44 " .. HOME }, { "+4402079460100", "no 0 after +44 " .. HOME },
  { "+36 06 20 123 4567", "no 0 after +36 " .. HOME }, { "+81 03 1234 5678", "no 0 after +81 " .. HOME },
  { "+39 (0)347 1234567", "no 0 after +39 " .. HOME }, { "+47 022 12 34 56", "no 0 after +47 " .. HOME },
  { "+7 (8) 912 345 67 89", "no 8 after +7 " .. HOME }, { "+789123456789", "no 8 after +7 " .. HOME },
  { "+370 8 612 34567", "no 8 after +370 " .. HOME }, { "+375 8 029 491 1911", "no 80 after +375 " .. HOME },
  { "+1 512 555 010", "10 digits after +1" }, { "+1 1 512 555 0100", "10 digits after +1" },
  { "1.51256E+10", "not a rounded number" }, { "+1.5125550000e10", "not a rounded number" },
  { "+1 512 555 0100 x5", "without an extension" }, { "+1 512 555 0100 #5", "without an extension" },
  { "+1 512 555 0100;ext=5", "without an extension" }, { "+1 512 555 0100,5", "without an extension" },
  { "++15125550100", "one + and that in front" }, { "+1 512+555 0100", "one + and that in front" },
  { "0015125550100", "without 0, 00 or 011" }, { "01115125550100", "without 0, 00 or 011" },
  { "+1\194\160512\194\1605550100", "got U+00A0 in" }, { "\226\128\170+15125550100", "got U+202A in" },
  { "+1\t5125550100", "got U+0009 in" }, { "+\239\188\145", "got U+FF11 in" }, { "\217\161\217\165", "got U+0661 in" },
}

-- spelling, digits
local TAKEN = {
  { "+39 06 1234 5678", "390612345678" }, { "+39 (06) 1234 5678", "390612345678" },
  { "+39 (0)6 1234 5678", "390612345678" }, { "+225 01 23 45 67 89", "2250123456789" }, { "+47 02012", "4702012" },
  { "+49 30 123456-0", "49301234560" }, { "+49 33203/12345", "493320312345" }, { "+33 1/42/68/53/00", "33142685300" },
  { "+1.5125550100", "15125550100" }, { "+33.1.42.68.53.00", "33142685300" }, { "+7 812 345 67 89", "78123456789" },
  { "+1 512 - 555 - 0100", "15125550100" }, { "  +44 20 7946 0100  ", "442079460100" },
  { 4.930123456e10, "49301234560" }, { "+54 9 11 2345-6789", "5491123456789" },
}

describe("a number's spelling", function()
  it("that may be another number is refused, and the message says why", function()
    local before = #assert(server:requests())
    for _, case in ipairs(REFUSED) do
      for _, operation in ipairs { "remove_number", "remove_tollfree" } do
        local value, err = pool[operation](pool, case[1], { unrent = true })
        assert.is_nil(value)
        assert.equal("invalid", err.kind)
        assert.is_truthy(err.message:find(case[2], 1, true), err.message)
        assert.is_nil(err.message:find "[^\32-\126]", err.message)
      end
    end
    assert.equal(before, #assert(server:requests()))
  end)

  it("that can't be another number is taken", function()
    for _, case in ipairs(TAKEN) do
      local _, err = pool:find_number(case[1])
      assert.equal("not_found", err.kind, tostring(err))
      assert.equal(case[2], err.target)
    end
  end)
end)
