local status = obj.status or {}
local phase = status.phase or "Preparing"
-- In which phases the operator hears each verb (docs/releases.md).
local heard = {
  ["promote"] = { Shifting = true, AwaitingApproval = true },
  ["promote-full"] = { Preparing = true, Evaluating = true, Shifting = true, AwaitingApproval = true, Held = true, Paused = true },
  ["skip"] = { Shifting = true },
  ["abort"] = { Preparing = true, Evaluating = true, Shifting = true, AwaitingApproval = true, Promoting = true, Held = true, Paused = true },
  ["pause"] = { Preparing = true, Evaluating = true, Shifting = true, Held = true },
  ["resume"] = { Paused = true },
  ["retry"] = { RolledBack = true, Aborted = true },
  ["undo"] = { Promoted = true },
}
local shown = {
  ["promote"] = { icon = "check", name = "Promote" },
  ["promote-full"] = { icon = "fast-forward", name = "Promote at once" },
  ["skip"] = { icon = "step-forward", name = "Skip this step" },
  ["abort"] = { icon = "times-circle", name = "Abort" },
  ["pause"] = { icon = "pause-circle", name = "Pause" },
  ["resume"] = { icon = "play-circle", name = "Resume" },
  ["retry"] = { icon = "redo", name = "Retry" },
  ["undo"] = { icon = "undo", name = "Undo" },
}
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
-- As long as an intent is not answered, only what stops the release may take its place.
local asked = obj.spec.intent
local unanswered = asked ~= nil and not answered(asked)
local stops = { ["abort"] = true, ["pause"] = true }

local actions = {}
for action, phases in pairs(heard) do
  local possible = phases[phase] == true and (not unanswered or stops[action] == true)
  actions[action] = {
    ["disabled"] = not possible,
    ["iconClass"] = "fa fa-fw fa-" .. shown[action].icon,
    ["displayName"] = shown[action].name,
  }
end
-- A step whose traffic is not there yet has no time to end.
if phase == "Shifting" and status.stepStartedAt == nil then
  actions["promote"]["disabled"] = true
end
-- The first revision has none before it to go back to, and what was taken back once is not taken back again but tried again.
if obj.spec.stableRevision == nil or status.undoTo ~= nil then
  actions["undo"]["disabled"] = true
end
if status.undoTo ~= nil and not unanswered then
  actions["retry"]["disabled"] = false
end
return actions
