{{/* The labels that the Argo Events controller gives the pods it makes. */}}

{{- define "metaflow-events.bus-pods" -}}
controller: eventbus-controller
eventbus-name: {{ .Values.eventBus.name }}
{{- end }}

{{- define "metaflow-events.webhook-pods" -}}
controller: eventsource-controller
eventsource-name: {{ .Values.eventSource.name }}
{{- end }}

{{- define "metaflow-events.sensor-pods" -}}
controller: sensor-controller
{{- end }}
