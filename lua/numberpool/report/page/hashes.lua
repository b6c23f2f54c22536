--- SHA-256 of the page's style sheet and script, in Base64: nothing else may run in it. Where one of them
-- changes, the spec of pages says what its hash has to be.
-- @module numberpool.report.page.hashes

return {
  style = "LqKQ0ZhtdQrX08cdna9es/nTBpPz7feB+F4TDSZ+Mag=",
  script = "/fH1x93Qjd7DxIfHH5BbILf7ln7Y/WNlda54N93kIm0=",
}
