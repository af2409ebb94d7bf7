{{- define "metaflow-admission.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: metaflow
{{- end }}

{{/* A user name as CEL text: dict "account" "top" . */}}
{{- define "metaflow-admission.controller" -}}
{{ printf "system:serviceaccount:%s:%s" .top.Values.controllersNamespace .account | squote }}
{{- end }}

{{/* Puts a policy into force, with the policy's own scope. */}}
{{- define "metaflow-admission.binding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .name }}
  labels:
    {{- include "metaflow-admission.labels" .top | nindent 4 }}
spec:
  policyName: {{ .name }}
  validationActions: [Deny, Audit]
{{- end }}

{{/* The Secret with the token of Argo's own containers. */}}
{{- define "metaflow-admission.token" -}}
{{ .Values.workflows.executorAccount }}.service-account-token
{{- end }}

{{/* Texts as a list of CEL. */}}
{{- define "metaflow-admission.list" -}}
[{{ range $at, $each := . }}{{ if $at }}, {{ end }}{{ $each | squote }}{{ end }}]
{{- end }}
