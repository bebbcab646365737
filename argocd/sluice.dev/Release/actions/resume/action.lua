local os = require("os")
obj.spec.intent = {
  verb = "Resume",
  revision = obj.spec.revision,
  requestId = "argocd-resume-" .. obj.metadata.resourceVersion .. "-" .. tostring(os.time()),
}
return obj
