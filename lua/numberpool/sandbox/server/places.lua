--- Where numbers are: region, city, rate centre and LATA of the areas that the catalogue offers. A LATA is an area of
--- local calls in the United States. All of Canada has the number 888.
local countries = require "numberpool.sandbox.server.countries"

local places = {}

-- By country and region, the areas: code, LATA, rate centre and city of each.
local NORTH_AMERICA = {
  US = {
    Arizona = [[480 666 MESA Mesa; 520 668 TUCSON Tucson; 602 666 PHOENIX Phoenix; 623 666 GLENDALE Glendale;
      928 666 FLAGSTAFF Flagstaff]],
    California = [[209 738 STOCKTON Stockton; 213 730 LSAN DA 01 Los Angeles; 310 730 SNMN SNMN Santa Monica;
      323 730 LSAN DA 11 Los Angeles; 408 722 SNJS WEST San Jose; 415 722 SNFC CNTRL San Francisco;
      424 730 TORRANCE Torrance; 510 722 OKLD MN-PD Oakland; 530 724 REDDING Redding; 619 732 SNDG SNDG San Diego;
      626 730 PASADENA Pasadena; 650 722 PALO ALTO Palo Alto; 661 734 BKFD MAIN Bakersfield;
      707 722 SANTA ROSA Santa Rosa; 714 730 ANAHEIM Anaheim; 805 740 SNLSOBISPO San Luis Obispo;
      818 730 BURBANK Burbank; 916 726 SCRM MAIN Sacramento; 949 730 IRVINE Irvine]],
    Colorado = [[303 656 DENVER Denver; 719 658 COLRDOSPGS Colorado Springs; 720 656 DENVER Denver;
      970 656 FORTCOLLNS Fort Collins]],
    Florida = [[305 460 MIAMI Miami; 321 458 MELBOURNE Melbourne; 352 454 GAINESVL Gainesville;
      407 458 ORLANDO Orlando; 561 460 WPALMBEACH West Palm Beach; 727 952 CLEARWATER Clearwater;
      786 460 MIAMI Miami; 813 952 TAMPA Tampa; 904 452 JCKSNVL Jacksonville; 954 460 FTLAUDERDL Fort Lauderdale]],
    Georgia = [[404 438 ATLANTA Atlanta; 470 438 ATLANTA Atlanta; 478 446 MACON Macon; 678 438 ATLANTA Atlanta;
      706 442 AUGUSTA Augusta; 770 438 MARIETTA Marietta; 912 440 SAVANNAH Savannah]],
    Illinois = [[217 374 SPRINGFLD Springfield; 309 368 PEORIA Peoria; 312 358 CHICAGO Chicago;
      618 520 BELLEVILLE Belleville; 630 358 NAPERVILLE Naperville; 708 358 OAK PARK Oak Park; 773 358 CHICAGO Chicago;
      815 364 ROCKFORD Rockford]],
    Massachusetts = [[339 128 WALTHAM Waltham; 413 126 SPRINGFLD Springfield; 508 128 WORCESTER Worcester;
      617 128 BOSTON Boston; 781 128 WALTHAM Waltham; 857 128 BOSTON Boston; 978 128 LOWELL Lowell]],
    Michigan = [[231 348 MUSKEGON Muskegon; 248 340 TROY Troy; 313 340 DETROIT Detroit; 517 346 LANSING Lansing;
      586 340 WARREN Warren; 616 348 GRANDRPDS Grand Rapids; 734 340 ANN ARBOR Ann Arbor; 810 340 FLINT Flint;
      989 344 SAGINAW Saginaw]],
    Nevada = [[702 721 LAS VEGAS Las Vegas; 725 721 LAS VEGAS Las Vegas; 775 720 RENO Reno]],
    ["New Jersey"] = [[201 224 JERSEYCITY Jersey City; 551 224 HACKENSACK Hackensack; 609 222 TRENTON Trenton;
      732 224 NEWBRUNSWK New Brunswick; 856 222 CAMDEN Camden; 908 224 ELIZABETH Elizabeth; 973 224 NEWARK Newark]],
    ["New York"] = [[212 132 NWYRCYZN01 New York; 315 136 SYRACUSE Syracuse; 347 132 NWYRCYZN01 New York;
      516 132 MINEOLA Mineola; 518 134 ALBANY Albany; 607 138 BINGHAMTON Binghamton; 646 132 NWYRCYZN01 New York;
      716 140 BUFFALO Buffalo; 718 132 BROOKLYN Brooklyn; 917 132 NWYRCYZN01 New York; 929 132 QUEENS Queens]],
    Ohio = [[216 320 CLEVELAND Cleveland; 330 325 AKRON Akron; 419 326 TOLEDO Toledo; 440 320 LORAIN Lorain;
      513 922 CINCINNATI Cincinnati; 614 324 COLUMBUS Columbus; 740 324 NEWARK Newark; 937 328 DAYTON Dayton]],
    Oregon = [[503 672 PORTLAND Portland; 541 670 EUGENE Eugene; 971 672 PORTLAND Portland]],
    Pennsylvania = [[215 228 PHLADLPHIA Philadelphia; 267 228 PHLADLPHIA Philadelphia; 412 234 PITTSBURGH Pittsburgh;
      484 228 ALLENTOWN Allentown; 570 232 SCRANTON Scranton; 610 228 ALLENTOWN Allentown;
      717 226 HARRISBURG Harrisburg; 724 234 GREENSBURG Greensburg]],
    Texas = [[210 566 SANANTONIO San Antonio; 214 552 DALLAS Dallas; 281 560 HOUSTON Houston; 512 558 AUSTIN Austin;
      713 560 HOUSTON Houston; 817 552 FORT WORTH Fort Worth; 832 560 HOUSTON Houston; 915 540 EL PASO El Paso;
      940 548 WICHITAFLS Wichita Falls; 972 552 DALLAS Dallas]],
    Washington = [[206 674 SEATTLE Seattle; 253 674 TACOMA Tacoma; 360 674 OLYMPIA Olympia; 425 674 BELLEVUE Bellevue;
      509 676 SPOKANE Spokane]],
  },
  CA = {
    Alberta = [[403 888 CALGARY Calgary; 587 888 CALGARY Calgary; 780 888 EDMONTON Edmonton]],
    ["British Columbia"] = [[236 888 VANCOUVER Vancouver; 250 888 VICTORIA Victoria; 604 888 VANCOUVER Vancouver;
      778 888 VANCOUVER Vancouver]],
    Ontario = [[416 888 TORONTO Toronto; 437 888 TORONTO Toronto; 519 888 LONDON London;
      613 888 OTTAWAHULL Ottawa; 647 888 TORONTO Toronto; 705 888 SUDBURY Sudbury; 905 888 HAMILTON Hamilton]],
    Quebec = [[418 888 QUEBEC Quebec; 438 888 MONTREAL Montreal; 450 888 LAVAL Laval; 514 888 MONTREAL Montreal]],
  },
}

-- By country, cities elsewhere by what their numbers begin with.
local CITIES = {
  AU = { ["612"] = "Sydney" }, DE = { ["4930"] = "Berlin" }, FR = { ["331"] = "Paris" },
  GB = { ["4420"] = "London" }, IN = { ["9111"] = "Delhi" },
}

--- The areas of the North American plan: `{ country, region, city, rate_center, lata }` by their codes.
places.areas = {}

for country, regions in pairs(NORTH_AMERICA) do
  for region, list in pairs(regions) do
    for code, lata, rate_center, city in list:gmatch "(%d+) (%d+) ([%u%d%- ]+) (%u%l[%a ]*)" do
      places.areas[code] = {
        country = country, region = region, city = city, rate_center = rate_center, lata = tonumber(lata),
      }
    end
  end
end

--- Where a number is.
---@param number string
---@param country string
---@param kind string
---@return { region: string, city: string?, rate_center: string?, lata: integer? }
function places.of(number, country, kind)
  local area = number:sub(1, 1) == "1" and kind == "fixed" and places.areas[number:sub(2, 4)]
  if area then
    return area
  end
  for prefix, city in pairs(CITIES[country] or {}) do
    if number:sub(1, #prefix) == prefix then
      return { region = city, city = city, rate_center = city:upper() }
    end
  end
  return { region = countries[country].name }
end

--- The areas from which a call to a rate centre is a local one: one for each rate centre of that name.
---@param country string
---@param rate_center string in capitals or not
---@return { lata: integer, region: string }[]
function places.around(country, rate_center)
  local list = {}
  for _, area in pairs(places.areas) do
    if area.country == country and area.rate_center == rate_center:upper() then
      list[#list + 1] = { lata = area.lata, region = area.region }
    end
  end
  return list
end

return places
