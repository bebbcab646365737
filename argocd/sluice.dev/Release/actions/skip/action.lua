local os = require("os")
obj.spec.intent = {
  verb = "Skip",
  revision = obj.spec.revision,
  requestId = "argocd-skip-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
