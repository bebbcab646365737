local hs = { status = "Progressing", message = "Waiting for the operator to begin" }
local status = obj.status
if status == nil or status.phase == nil then
  return hs
end
-- The operator answers a request id once, and remembers the ones before the latest.
local function answered(asked)
  if status.handledIntent ~= nil and status.handledIntent.requestId == asked.requestId then
    return true
  end
  for _, id in ipairs(status.answeredRequests or {}) do
    if id == asked.requestId then
      return true
    end
  end
  return false
end
-- The spec of a release never changes but for the intent, so its answer is what tells that the operator has seen the present one,
-- also where an older operator, which did not tell the generation, has written the status.
local asked = obj.spec.intent
if asked ~= nil and not answered(asked) then
  hs.message = "Waiting for the operator to answer the intent " .. asked.verb
  return hs
end
if status.observedGeneration ~= nil and status.observedGeneration ~= obj.metadata.generation then
  hs.message = "Waiting for the operator to see generation " .. tostring(obj.metadata.generation) .. " of the release"
  return hs
end
-- One that has ended without having brought its revision out, or was taken back, is Degraded, as it is Stalled in its conditions.
local health = {
  Preparing = "Progressing",
  Evaluating = "Progressing",
  Shifting = "Progressing",
  AwaitingApproval = "Suspended",
  Promoting = "Progressing",
  Promoted = "Healthy",
  Held = "Progressing",
  Paused = "Suspended",
  RollingBack = "Progressing",
  RolledBack = "Degraded",
  Superseded = "Degraded",
  Aborted = "Degraded",
}
hs.status = health[status.phase] or "Unknown"
if status.phase == "Promoted" and status.undoTo ~= nil then
  hs.status = "Degraded"
end
hs.message = status.message or status.phase
return hs
