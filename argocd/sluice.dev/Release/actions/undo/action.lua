local os = require("os")
obj.spec.intent = {
  verb = "Undo",
  revision = obj.spec.revision,
  requestId = "argocd-undo-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
