--- Numbering plans as data: calling codes, areas of the North American plan, and the national prefixes of mobile and
--- toll-free numbers.
local numbering_plan = {}

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do
    list[#list + 1] = word
  end
  return list
end

local function pairs_of(text)
  local map = {}
  for code, country in text:gmatch "(%d+)=(%u%u)" do
    map[code] = country
  end
  return map
end

--- Countries by area code. An area that isn't here is one of the United States.
numbering_plan.north_american_areas = pairs_of [[
  242=BS 246=BB 264=AI 268=AG 284=VG 340=VI 345=KY 441=BM 473=GD 649=TC 658=JM 664=MS 670=MP 671=GU
  684=AS 721=SX 758=LC 767=DM 784=VC 787=PR 809=DO 829=DO 849=DO 868=TT 869=KN 876=JM 939=PR
]]
for _, area in ipairs(words [[
  204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 460 468
  474 506 514 519 537 548 568 579 581 584 587 600 604 613 622 639 647 672 683 705 709 742 753 778 780
  782 807 819 825 867 873 879 902 905 942
]]) do
  numbering_plan.north_american_areas[area] = "CA"
end

numbering_plan.north_american_tollfree = {}
for _, area in ipairs(words "800 833 844 855 866 877 888") do
  numbering_plan.north_american_tollfree[area] = true
end

numbering_plan.calling_codes = pairs_of [[
  20=EG 211=SS 212=MA 213=DZ 216=TN 218=LY 220=GM 221=SN 222=MR 223=ML 224=GN 225=CI 226=BF 227=NE
  228=TG 229=BJ 230=MU 231=LR 232=SL 233=GH 234=NG 235=TD 236=CF 237=CM 238=CV 239=ST 240=GQ 241=GA
  242=CG 243=CD 244=AO 245=GW 246=IO 248=SC 249=SD 250=RW 251=ET 252=SO 253=DJ 254=KE 255=TZ 256=UG
  257=BI 258=MZ 260=ZM 261=MG 262=RE 263=ZW 264=NA 265=MW 266=LS 267=BW 268=SZ 269=KM 27=ZA 290=SH
  291=ER 297=AW 298=FO 299=GL 30=GR 31=NL 32=BE 33=FR 34=ES 350=GI 351=PT 352=LU 353=IE 354=IS 355=AL
  356=MT 357=CY 358=FI 359=BG 36=HU 370=LT 371=LV 372=EE 373=MD 374=AM 375=BY 376=AD 377=MC 378=SM
  380=UA 381=RS 382=ME 383=XK 385=HR 386=SI 387=BA 389=MK 39=IT 40=RO 41=CH 420=CZ 421=SK 423=LI 43=AT
  44=GB 45=DK 46=SE 47=NO 48=PL 49=DE 500=FK 501=BZ 502=GT 503=SV 504=HN 505=NI 506=CR 507=PA 508=PM
  509=HT 51=PE 52=MX 53=CU 54=AR 55=BR 56=CL 57=CO 58=VE 590=GP 591=BO 592=GY 593=EC 594=GF 595=PY
  596=MQ 597=SR 598=UY 599=CW 60=MY 61=AU 62=ID 63=PH 64=NZ 65=SG 66=TH 670=TL 672=NF 673=BN 674=NR
  675=PG 676=TO 677=SB 678=VU 679=FJ 680=PW 681=WF 682=CK 683=NU 685=WS 686=KI 687=NC 688=TV 689=PF
  690=TK 691=FM 692=MH 7=RU 81=JP 82=KR 84=VN 850=KP 852=HK 853=MO 855=KH 856=LA 86=CN 880=BD 886=TW
  90=TR 91=IN 92=PK 93=AF 94=LK 95=MM 960=MV 961=LB 962=JO 963=SY 964=IQ 965=KW 966=SA 967=YE 968=OM
  970=PS 971=AE 972=IL 973=BH 974=QA 975=BT 976=MN 977=NP 98=IR 992=TJ 993=TM 994=AZ 995=GE 996=KG
  998=UZ
]]

--- For a calling code that countries share: countries by national prefix. All other numbers are those of the country
--- above.
numbering_plan.shared_codes = {}
for code, list in ([[
  212:5288=EH,5289=EH 262:269=YT,639=YT,709=YT 358:18=AX 39:06698=VA
  44:1481=GG,1534=JE,1624=IM,7781=GG,7797=JE,7624=IM 47:79=SJ 599:3=BQ,4=BQ,7=BQ 61:89162=CC,89164=CX 7:6=KZ,7=KZ
]]):gmatch "(%d+):(%S+)" do
  numbering_plan.shared_codes[code] = pairs_of(list)
end

local function prefixes(text)
  local map = {}
  for country, list in text:gmatch "(%u%u)=([%d,]+)" do
    map[country] = words((list:gsub(",", " ")))
  end
  return map
end

numbering_plan.mobile = prefixes [[
  AE=5 AR=9 AT=6 AU=4 BD=1 BE=4 BG=8,9 BR=119,219,319,419,519,619,719,819,919 CH=7 CL=9
  CN=13,14,15,16,17,18,19 CO=3 CZ=6,7 DE=15,16,17 EE=5 EG=1 ES=6,7 FI=4,50 FR=6,7
  GB=71,72,73,74,75,77,78,79 GH=2,5 GR=69 HK=5,6,7,9 HR=9 HU=20,30,31,50,70 ID=8 IE=8 IL=5 IN=6,7,8,9
  IT=3 JP=70,80,90 KE=1,7 KR=10 KZ=70,747,77 LK=7 LT=6 LV=2 MA=6,7 MY=1 NG=7,8,9 NL=6 NO=4,9 NZ=2 PE=9 PH=9 PK=3
  PL=45,50,51,53,57,60,66,69,72,73,78,79,88 PT=9 RO=7 RS=6 RU=9 SA=5 SE=7 SG=8,9 SI=3,4,5,6,7 SK=9
  TH=6,8,9 TR=5 TW=9 TZ=6,7 UA=39,50,63,66,67,68,73,91,92,93,94,95,96,97,98,99 UG=7 VN=3,5,7,8,9
  ZA=6,7,8
]]

numbering_plan.tollfree = prefixes [[
  AT=800 AU=1800 BE=800 BR=800 CH=800 CZ=800 DE=800 DK=80 ES=800,900 FI=800 FR=80 GB=800,808 HK=800
  IE=1800 IN=1800 IT=800,803 JP=120,800 MX=800 NL=800 NO=800 NZ=508,800 PL=800 PT=800 SE=20 SG=800
  ZA=80
]]

return numbering_plan
