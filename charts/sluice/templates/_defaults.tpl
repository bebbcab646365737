{{/*
`helm upgrade --reuse-values` gives the templates the values of the chart that was installed before, without what came later. Each template
begins with "sluice.defaults", which fills in what came after the first chart; what is set stays as it is, false and empty included.
*/}}
{{- define "sluice.defaults" -}}
{{- include "sluice.fillIn" (dict "values" .Values "defaults" (include "sluice.laterValues" . | fromYaml)) -}}
{{- end }}

{{/* The same as in values.yaml, which a test compares. */}}
{{- define "sluice.laterValues" -}}
runtimeImage:
  repository: sluice-runtime
  tag: ""
  digest: ""
watchSecrets: true
shard: ""
rbac:
  userRoles: true
  aggregateApprover: false
  operatorSeenBy: []
  sharding: false
admission:
  enabled: true
  setAsker: true
prometheus:
  url: ""
  bearerTokenSecret:
    name: ""
    key: token
  caConfigMap:
    name: ""
    key: ca.crt
  timeout: 10s
mlflow:
  url: ""
  loginSecret:
    name: ""
  caConfigMap:
    name: ""
    key: ca.crt
semiSpaceMebibytes: 2
maxStartingReleases: 100
networkPolicy:
  prometheusPorts: [443, 9090]
  mlflowPorts: [443, 5000]
priorityClass:
  create: true
  value: 1000000
{{- end }}

{{/* Sets in .values what .defaults has and it has not, however deep. */}}
{{- define "sluice.fillIn" -}}
{{- range $key, $default := .defaults -}}
{{- $value := get $.values $key -}}
{{- if or (not (hasKey $.values $key)) (kindIs "invalid" $value) -}}
{{- $_ := set $.values $key $default -}}
{{- else if and (kindIs "map" $default) (kindIs "map" $value) -}}
{{- include "sluice.fillIn" (dict "values" $value "defaults" $default) -}}
{{- end -}}
{{- end -}}
{{- end }}
