-- Runs one script as Argo CD does, once for each object on standard input (a Lua chunk that returns a list), and prints the results as
-- a JSON list. Argo CD opens the package, base and table libraries and nothing else; require("os") gives time and date.
local script = assert(io.open(arg[1])):read("*a")
local objects = assert(loadstring(io.read("*a")))()
local write, stdout, format, rep = io.write, io.stdout, string.format, string.gsub
local time, date, setmeta, load, fenv = os.time, os.date, debug.setmetatable, loadstring, setfenv

local opened = {
  "assert", "collectgarbage", "error", "getfenv", "getmetatable", "ipairs", "load", "loadstring", "next", "pairs", "pcall", "print", "rawequal",
  "rawget", "rawset", "select", "setfenv", "setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall",
}
local tables = {}
for name, member in pairs(table) do tables[name] = member end

local function environment(obj)
  local env = { obj = obj, table = tables, actionParams = {} }
  for _, name in ipairs(opened) do env[name] = _G[name] end
  env._G = env
  env.require = function(name)
    if name ~= "os" then error("module " .. tostring(name) .. " not found") end
    return { time = time, date = date }
  end
  return env
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

-- As the encoder that Argo CD uses: a table with [1] is a list, and so is an empty one.
local function json(value)
  if type(value) == "table" then
    local parts = {}
    if value[1] ~= nil or next(value) == nil then
      for index, item in ipairs(value) do parts[index] = json(item) end
      return "[" .. table.concat(parts, ",") .. "]"
    end
    for key, item in pairs(value) do parts[#parts + 1] = json(tostring(key)) .. ":" .. json(item) end
    return "{" .. table.concat(parts, ",") .. "}"
  end
  if type(value) == "string" then return '"' .. rep(value, '["\\\n\r\t]', escapes) .. '"' end
  if type(value) == "number" then return format("%.14g", value) end
  return value == nil and "null" or tostring(value)
end

-- Without the string library a string has no methods.
local function without_string_methods(run)
  local methods = getmetatable("")
  setmeta("", nil)
  local ok, result = pcall(run)
  setmeta("", methods)
  if not ok then error(result, 0) end
  return result
end

local results = {}
for index, object in ipairs(objects) do
  local chunk = assert(load(script, "@" .. arg[1]))
  fenv(chunk, environment(object))
  results[index] = json(without_string_methods(chunk))
end
stdout:write("[" .. table.concat(results, ",") .. "]")
