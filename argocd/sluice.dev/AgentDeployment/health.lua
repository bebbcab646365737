local hs = { status = "Progressing", message = "Waiting for the operator to look at it" }
local status = obj.status
if obj.spec.suspend == true then
  hs.status = "Suspended"
  hs.message = "spec.suspend is true: the operator touches nothing of it, and what serves goes on serving"
  return hs
end
if status == nil or status.phase == nil then
  return hs
end
if status.observedGeneration ~= obj.metadata.generation then
  hs.message = "Waiting for the operator to see generation " .. tostring(obj.metadata.generation) .. " of the spec"
  return hs
end
local health = {
  Pending = "Progressing",
  Progressing = "Progressing",
  Paused = "Suspended",
  Suspended = "Suspended",
  Healthy = "Healthy",
  Degraded = "Degraded",
}
hs.status = health[status.phase] or "Unknown"
hs.message = status.message or status.phase
return hs
