package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
)

// What changes between two states of an object has a fixed width, so that a state is made by overwriting bytes.
const (
	baseVersion     = 10_000_000
	versionMark     = "@version"
	sentMark        = "@sent-monotonic-nano"
	phaseMark       = "@phas"
	phaseRunning    = "going"
	phaseLast       = "final"
	sentAnnotation  = "bench.sluice.dev/sent"
	phaseAnnotation = "bench.sluice.dev/phase"
	podPrefix       = "assistant-"
)

// template is the encoding of one object, or of one watch event around it, with the places to overwrite.
type template struct {
	body                 []byte
	version, sent, phase int
}

func newTemplate(body []byte) (template, error) {
	made := template{body: body}
	for _, place := range []struct {
		mark string
		at   *int
	}{{versionMark, &made.version}, {sentMark, &made.sent}, {phaseMark, &made.phase}} {
		*place.at = bytes.Index(body, []byte(place.mark))
		if *place.at < 0 || bytes.Count(body, []byte(place.mark)) != 1 {
			return made, fmt.Errorf("the encoding must hold %s exactly once", place.mark)
		}
	}
	return made, nil
}

// render writes the given state into the template and returns it; the bytes are good until the next call.
func (t template) render(version int, sent int64, phase string) []byte {
	putDigits(t.body[t.version:t.version+len(versionMark)], int64(version))
	putDigits(t.body[t.sent:t.sent+len(sentMark)], sent)
	copy(t.body[t.phase:], phase)
	return t.body
}

func putDigits(into []byte, number int64) {
	for at := len(into) - 1; at >= 0; at-- {
		into[at] = byte('0' + number%10)
		number /= 10
	}
}

// encoding turns an object into what a server sends: alone, or as an event of a watch.
type encoding struct {
	name             string
	contentType      string
	watchContentType string
	object           func(pod *corev1.Pod) ([]byte, error)
	event            func(kind string, pod *corev1.Pod) ([]byte, error)
}

var jsonEncoding = encoding{
	name:             "json",
	contentType:      "application/json",
	watchContentType: "application/json",
	object:           func(pod *corev1.Pod) ([]byte, error) { return json.Marshal(pod) },
	event: func(kind string, pod *corev1.Pod) ([]byte, error) {
		object, err := json.Marshal(pod)
		return fmt.Appendf(nil, "{\"type\":%q,\"object\":%s}\n", kind, object), err
	},
}

// metadataEncoding is what the API server sends to those who ask for metadata only.
var metadataEncoding = encoding{
	name:             "metadata",
	contentType:      "application/json",
	watchContentType: "application/json",
	object:           func(pod *corev1.Pod) ([]byte, error) { return json.Marshal(metadataOf(pod)) },
	event: func(kind string, pod *corev1.Pod) ([]byte, error) {
		object, err := json.Marshal(metadataOf(pod))
		return fmt.Appendf(nil, "{\"type\":%q,\"object\":%s}\n", kind, object), err
	},
}

func metadataOf(pod *corev1.Pod) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadata", APIVersion: "meta.k8s.io/v1"}, ObjectMeta: pod.ObjectMeta}
}

var protobufEncoding = encoding{
	name:             "protobuf",
	contentType:      "application/vnd.kubernetes.protobuf",
	watchContentType: "application/vnd.kubernetes.protobuf;stream=watch",
	object:           func(pod *corev1.Pod) ([]byte, error) { return encodeProtobuf(pod) },
	event: func(kind string, pod *corev1.Pod) ([]byte, error) {
		object, err := encodeProtobuf(pod)
		if err != nil {
			return nil, err
		}
		event := metav1.WatchEvent{Type: kind, Object: runtime.RawExtension{Raw: object}}
		body, err := event.Marshal()
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...), err
	},
}

func encodeProtobuf(object runtime.Object) ([]byte, error) {
	var out bytes.Buffer
	err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(object, &out)
	return out.Bytes(), err
}

// samplePod is a Deployment's pod of about 2.5 KB as JSON, with the parts that real ones have.
func samplePod(namespace string, number int) *corev1.Pod {
	created := metav1.NewTime(time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC))
	yes := true
	return &corev1.Pod{
		TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{
			Name: podName(number), Namespace: namespace, UID: types.UID(fmt.Sprintf("5c8f0b6e-0000-4000-8000-%012d", number)),
			ResourceVersion: versionMark, CreationTimestamp: created, GenerateName: "assistant-7d9c5b8f6-",
			Labels:      map[string]string{"app": "assistant", "pod-template-hash": "7d9c5b8f6", "agent": fmt.Sprintf("agent-%03d", number%50), "track": "stable"},
			Annotations: map[string]string{sentAnnotation: sentMark, phaseAnnotation: phaseMark},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "assistant-7d9c5b8f6", UID: "0d6a8c12-0000-4000-8000-000000000001", Controller: &yes, BlockOwnerDeletion: &yes,
			}},
			ManagedFields: []metav1.ManagedFieldsEntry{{
				Manager: "kube-controller-manager", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "v1", Time: &created, FieldsType: "FieldsV1",
				FieldsV1: &metav1.FieldsV1{Raw: []byte(managedFields)},
			}},
		},
		Spec:   sampleSpec(),
		Status: sampleStatus(created, number),
	}
}

func podName(number int) string {
	return fmt.Sprintf("%s%06d", podPrefix, number)
}

const managedFields = `{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:app":{},"f:pod-template-hash":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"0d6a8c12\"}":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"agent\"}":{".":{},"f:env":{},"f:image":{},"f:name":{},"f:ports":{},"f:readinessProbe":{},"f:resources":{}}},"f:restartPolicy":{}}}`

func sampleSpec() corev1.PodSpec {
	grace := int64(30)
	return corev1.PodSpec{
		NodeName: "node-1", ServiceAccountName: "assistant", RestartPolicy: corev1.RestartPolicyAlways, DNSPolicy: corev1.DNSClusterFirst,
		TerminationGracePeriodSeconds: &grace, SchedulerName: corev1.DefaultSchedulerName,
		Containers: []corev1.Container{{
			Name: "agent", Image: "registry.example/assistant:1.4.2", ImagePullPolicy: corev1.PullIfNotPresent,
			Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}},
			Env: []corev1.EnvVar{
				{Name: "MODEL", Value: "large-1"}, {Name: "LOG_LEVEL", Value: "info"},
				{Name: "API_KEY", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "provider"}, Key: "key"}}},
			},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("128Mi")},
				Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")},
			},
			VolumeMounts:   []corev1.VolumeMount{{Name: "config", MountPath: "/etc/agent", ReadOnly: true}},
			ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/readyz", Port: intstr.FromString("http")}}, PeriodSeconds: 5, FailureThreshold: 3},
		}},
		Volumes: []corev1.Volume{{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "assistant"}}}}},
	}
}

func sampleStatus(created metav1.Time, number int) corev1.PodStatus {
	ready := func(kind corev1.PodConditionType) corev1.PodCondition {
		return corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: created}
	}
	started := true
	return corev1.PodStatus{
		Phase: corev1.PodRunning, HostIP: "10.0.0.1", PodIP: fmt.Sprintf("10.1.%d.%d", number/250, number%250), StartTime: &created, QOSClass: corev1.PodQOSBurstable,
		Conditions: []corev1.PodCondition{ready(corev1.PodScheduled), ready(corev1.PodInitialized), ready(corev1.ContainersReady), ready(corev1.PodReady)},
		ContainerStatuses: []corev1.ContainerStatus{{
			Name: "agent", Image: "registry.example/assistant:1.4.2", ImageID: "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",
			ContainerID: "containerd://0f3b1c", Ready: true, Started: &started, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: created}},
		}},
	}
}
