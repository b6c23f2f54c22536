--- The numbers that can be rented in an empty sandbox: a fixed set for each area, so that a search
-- finds the same ones every time. None of them is a number that `seed` makes from a count.
local database = require "numberpool.sandbox.server.database"

local catalogue = {}

local each = 50

-- country, type, region, and what stands before the last four digits
local blocks = {}

local function add(country, kind, region, prefixes)
  for prefix in prefixes:gmatch("%d+") do
    blocks[#blocks + 1] = { country = country, type = kind, region = region, prefix = prefix }
  end
end

local function add_areas(country, region, areas)
  add(country, "fixed", region, (areas:gsub("%d+", "1%0232")))
end

add_areas("US", "Texas", "210 214 281 512 713 817 832 915 940 972")
add_areas("US", "California", "209 213 310 323 408 415 424 510 530 619 626 650 661 707 714 805 818 916 949")
add_areas("US", "New York", "212 315 347 516 518 607 646 716 718 917 929")
add_areas("US", "Illinois", "217 309 312 618 630 708 773 815")
add_areas("US", "Florida", "305 321 352 407 561 727 786 813 904 954")
add_areas("US", "Washington", "206 253 360 425 509")
add_areas("US", "Massachusetts", "339 413 508 617 781 857 978")
add_areas("US", "Georgia", "404 470 478 678 706 770 912")
add_areas("US", "Colorado", "303 719 720 970")
add_areas("US", "New Jersey", "201 551 609 732 856 908 973")
add_areas("US", "Pennsylvania", "215 267 412 484 570 610 717 724")
add_areas("US", "Arizona", "480 520 602 623 928")
add_areas("US", "Nevada", "702 725 775")
add_areas("US", "Oregon", "503 541 971")
add_areas("US", "Ohio", "216 330 419 440 513 614 740 937")
add_areas("US", "Michigan", "231 248 313 517 586 616 734 810 989")
add("US", "toll-free", "", "1833232 1844232 1855232 1866232 1877232 1888232")
add_areas("CA", "Ontario", "416 437 519 613 647 705 905")
add_areas("CA", "Quebec", "418 438 450 514")
add_areas("CA", "British Columbia", "236 250 604 778")
add_areas("CA", "Alberta", "403 587 780")
add("GB", "fixed", "London", "44207946")
add("GB", "mobile", "", "44740023")
add("GB", "toll-free", "", "44808157")
add("AU", "fixed", "Sydney", "6129555")
add("AU", "mobile", "", "6149157")
add("DE", "fixed", "Berlin", "49302312")
add("DE", "mobile", "", "4915123456")
add("FR", "fixed", "Paris", "3317018")
add("FR", "mobile", "", "3363998")
add("IN", "fixed", "Delhi", "91112345")
add("IN", "mobile", "", "91982345")
add("SE", "mobile", "", "4674606")

-- 37 and 10000 have no common factor: the same four digits come back only after 10,000 steps.
local fill = [[
  INSERT INTO offers (country, number, type, region)
  WITH RECURSIVE series (step) AS (SELECT 0 UNION ALL SELECT step + 1 FROM series WHERE step < %d),
    blocks (country, prefix, type, region) AS (VALUES %s)
  SELECT country, prefix || substr('000' || ((step * 37 + 11) %% 10000), -4), type, region
  FROM blocks CROSS JOIN series]]

--- Puts every number on offer; the table is empty before. One statement, as every start waits for it.
function catalogue.fill()
  local values = {}
  for index, block in ipairs(blocks) do
    values[index] = ("('%s', '%s', '%s', '%s')"):format(block.country, block.prefix, block.type, block.region)
  end
  database.run(fill:format(each - 1, table.concat(values, ", ")))
end

return catalogue
