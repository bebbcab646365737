local os = require("os")
obj.spec.intent = {
  verb = "Promote",
  revision = obj.spec.revision,
  requestId = "argocd-promote-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
