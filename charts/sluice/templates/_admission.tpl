{{- /* The version in which the API server serves MutatingAdmissionPolicy; empty where it does not. Stable since Kubernetes 1.36. */ -}}
{{- define "sluice.mutationApiVersion" -}}
{{- $group := "admissionregistration.k8s.io" -}}
{{- if or (semverCompare ">=1.36.0-0" .Capabilities.KubeVersion.Version) (.Capabilities.APIVersions.Has (printf "%s/v1/MutatingAdmissionPolicy" $group)) -}}
{{ $group }}/v1
{{- else if .Capabilities.APIVersions.Has (printf "%s/v1beta1/MutatingAdmissionPolicy" $group) -}}
{{ $group }}/v1beta1
{{- end -}}
{{- end }}

{{- /* Releases in the namespaces that the operator watches, as matchConstraints of a policy. */ -}}
{{- define "sluice.releasesOfWatched" -}}
resourceRules:
  - apiGroups: ["sluice.dev"]
    apiVersions: ["*"]
    operations: {{ toJson .operations }}
    resources: ["releases"]
{{- with .namespaces }}
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: In
      values: {{ toJson . }}
{{- end }}
{{- end }}
