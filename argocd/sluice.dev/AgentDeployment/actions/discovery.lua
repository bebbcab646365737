local status = obj.status or {}
local release = status.release or {}
local phase = release.phase
-- In which phases of the latest release the operator hears each verb (docs/releases.md).
local heard = {
  ["promote"] = { Shifting = true, AwaitingApproval = true },
  ["promote-full"] = { Preparing = true, Evaluating = true, Shifting = true, AwaitingApproval = true, Held = true, Paused = true },
  ["skip"] = { Shifting = true },
  ["abort"] = { Preparing = true, Evaluating = true, Shifting = true, AwaitingApproval = true, Promoting = true, Held = true, Paused = true },
  ["pause"] = { Preparing = true, Evaluating = true, Shifting = true, Held = true },
  ["resume"] = { Paused = true },
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
-- What is known of the release is as old as the status.
local seen = status.observedGeneration == obj.metadata.generation and obj.spec.suspend ~= true
local ended = phase == "Promoted" or phase == "RolledBack" or phase == "Superseded" or phase == "Aborted"

local possible = {}
for action, phases in pairs(heard) do
  possible[action] = seen and phase ~= nil and phases[phase] == true and (ended or status.canary ~= nil)
end

-- Undo is of the promoted release of the revision that serves, where there is another that was promoted and that nothing speaks against since.
local verdicts = { Promoted = true, FastPromoted = true, RolledBack = true, FastRolledBack = true, Aborted = true }
local stable = status.stable and status.stable.revision
local decided = {}
for _, entry in ipairs(status.history or {}) do
  if verdicts[entry.verdict] == true and decided[entry.revision] == nil then
    local promoted = entry.verdict == "Promoted" or entry.verdict == "FastPromoted"
    decided[entry.revision] = promoted and entry.reason ~= "Undone"
  end
end
local another = false
for revision, good in pairs(decided) do
  another = another or (good and revision ~= stable)
end
possible["undo"] = seen and ended and stable ~= nil and decided[stable] == true and another

-- Retry is of the release that stands against what the spec asks for.
possible["retry"] = seen and ended and status.rejectedBy ~= nil

local actions = {}
for action, look in pairs(shown) do
  actions[action] = {
    ["disabled"] = not possible[action],
    ["iconClass"] = "fa fa-fw fa-" .. look.icon,
    ["displayName"] = look.name,
  }
end
return actions
