--- The version of the library.
-- @module numberpool.version

return "0.1.0"
