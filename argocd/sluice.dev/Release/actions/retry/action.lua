local os = require("os")
obj.spec.intent = {
  verb = "Retry",
  revision = obj.spec.revision,
  requestId = "argocd-retry-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
