local hs = { status = "Progressing", message = "Waiting for the operator to start it" }
local status = obj.status
if status == nil or status.phase == nil then
  return hs
end
-- What could not be measured, or not told apart, is no pass.
local health = { Pending = "Progressing", Running = "Progressing", Passed = "Healthy", Failed = "Degraded", Inconclusive = "Degraded", NotMeasured = "Degraded" }
hs.status = health[status.phase] or "Unknown"
hs.message = status.message or status.phase
return hs
