local os = require("os")
obj.spec.intent = {
  verb = "PromoteFull",
  revision = obj.spec.revision,
  requestId = "argocd-promote-full-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
