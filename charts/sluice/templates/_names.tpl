{{/* Objects that exist once for each Helm release; at most 40 characters, so that suffixes fit. */}}
{{- define "sluice.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* ClusterRoles have no namespace, so the name carries it: two releases of one name in two namespaces stay apart. */}}
{{- define "sluice.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "sluice.fullname" .) -}}
{{- end }}

{{/* The lease that the operator holds; it adds its shard itself to what it is told. */}}
{{- define "sluice.leaseName" -}}
{{- printf "%s-operator" (include "sluice.fullname" .) -}}
{{- with .Values.shard -}}-{{ . }}{{- end -}}
{{- end }}

{{- define "sluice.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "sluice.labels" -}}
{{ include "sluice.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: sluice
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "sluice.image" -}}
{{- include "sluice.reference" (dict "image" .Values.image "version" .Chart.AppVersion) -}}
{{- end }}

{{- define "sluice.runtimeImage" -}}
{{- include "sluice.reference" (dict "image" .Values.runtimeImage "version" .Chart.AppVersion) -}}
{{- end }}

{{- /* An image reference: by digest where there is one, else by tag, which is the chart's version where none is set. */ -}}
{{- define "sluice.reference" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (default .version .image.tag) -}}
{{- end -}}
{{- end }}

{{/* Not empty where files for Prometheus or MLflow are mounted. */}}
{{- define "sluice.serverFiles" -}}
{{- with .Values.prometheus -}}
{{- if and .url (or .bearerTokenSecret.name .caConfigMap.name) -}}
true
{{- end -}}
{{- end -}}
{{- with .Values.mlflow -}}
{{- if and .url (or .loginSecret.name .caConfigMap.name) -}}
true
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Kubernetes keeps names that begin with "system-" for PriorityClasses of its own. */}}
{{- define "sluice.priorityClassName" -}}
{{- regexReplaceAll "^system-" (include "sluice.clusterName" .) "of-system-" -}}
{{- end }}
