{{- define "metaflow-events.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: metaflow
{{- end }}

{{/* The name that Argo Events gives the Service of an event source. */}}
{{- define "metaflow-events.service" -}}
{{ .Values.eventSource.name }}-eventsource-svc
{{- end }}

{{/* Annotations of what a hook before the removal needs: made before it, and gone after it. */}}
{{- define "metaflow-events.while-removing" -}}
helm.sh/hook: pre-delete
helm.sh/hook-weight: "-1"
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* Labels of the pods of the job that waits for the webhook. */}}
{{- define "metaflow-events.ready-pods" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: {{ .Release.Name }}-ready
{{- end }}

{{/* A job of one container that runs a script of this chart to its end: list "hook" "name" "account" "script" . */}}
{{- define "metaflow-events.job" -}}
{{- $top := .top -}}
apiVersion: batch/v1
kind: Job
metadata:
  # Not that of tasks: there pods run on no nodes of the platform and as no account but the tasks'.
  namespace: {{ $top.Values.hooks.namespace }}
  name: {{ .name }}
  labels:
    {{- include "metaflow-events.labels" $top | nindent 4 }}
  annotations:
    helm.sh/hook: {{ .hook }}
    # The one before, if it failed; this one, if it did not.
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 3
  activeDeadlineSeconds: 600
  template:
    metadata:
      labels:
        {{- include "metaflow-events.labels" $top | nindent 8 }}
        app.kubernetes.io/component: {{ .name }}
    spec:
      restartPolicy: Never
      serviceAccountName: {{ .account }}
      automountServiceAccountToken: {{ .token }}
      enableServiceLinks: false
      securityContext:
        {{- toYaml $top.Values.podSecurityContext | nindent 8 }}
      {{- with $top.Values.placement }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      containers:
        - name: hook
          image: {{ $top.Values.hooks.image }}
          imagePullPolicy: {{ $top.Values.pullPolicy }}
          command:
            - python3
            - -c
            - |
              {{- $top.Files.Get .script | nindent 14 }}
          args:
            {{- toYaml .args | nindent 12 }}
          resources:
            {{- toYaml $top.Values.hooks.resources | nindent 12 }}
          securityContext:
            {{- toYaml $top.Values.containerSecurityContext | nindent 12 }}
{{- end }}

{{/* Classes belong to no namespace: the name tells two platforms apart. ArgoEvents.priority_class says the same. */}}
{{- define "metaflow-events.priority-class" -}}
{{ .Release.Namespace }}-events
{{- end }}
