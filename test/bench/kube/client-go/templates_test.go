package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
)

func TestRenderedEventSaysWhatWasAsked(t *testing.T) {
	pods, err := newCollection(jsonEncoding, "bench", 2)
	if err != nil {
		t.Fatal(err)
	}
	line := pods.changes()[1].render(baseVersion+7, 1234567, phaseLast)
	var event struct {
		Type   string     `json:"type"`
		Object corev1.Pod `json:"object"`
	}
	if err := json.Unmarshal(line, &event); err != nil {
		t.Fatal(err)
	}
	if event.Type != "MODIFIED" || event.Object.Name != podName(1) || event.Object.ResourceVersion != fmt.Sprint(baseVersion+7) {
		t.Errorf("got %s of %s at %s", event.Type, event.Object.Name, event.Object.ResourceVersion)
	}
	if got := event.Object.Annotations; got[phaseAnnotation] != phaseLast || got[sentAnnotation] != "00000000000001234567" {
		t.Errorf("got annotations %v", got)
	}
	if size := len(line); size < 2000 || size > 3500 {
		t.Errorf("an event has %d bytes, and should be like a real pod's", size)
	}
}

func TestProtobufDecodesToTheSameObject(t *testing.T) {
	pods, err := newCollection(protobufEncoding, "bench", 1)
	if err != nil {
		t.Fatal(err)
	}
	frame := pods.changes()[0].render(baseVersion+1, 9, phaseRunning)
	var event metav1.WatchEvent
	if err := event.Unmarshal(frame[4:]); err != nil {
		t.Fatal(err)
	}
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(event.Object.Raw, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	pod, ok := object.(*corev1.Pod)
	if !ok || pod.ResourceVersion != fmt.Sprint(baseVersion+1) || len(pod.Spec.Containers) != 1 {
		t.Errorf("got %T %v", object, object)
	}
}

func TestRenderingDoesNotTouchTheSharedTemplate(t *testing.T) {
	pods, err := newCollection(jsonEncoding, "bench", 1)
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(pods.modified[0].body)
	pods.changes()[0].render(baseVersion+1, 1, phaseLast)
	pods.copyOf(pods.modified[0])
	if !bytes.Equal(before, pods.modified[0].body) {
		t.Error("the template that all watches share has changed")
	}
}

func TestPagesHoldEveryObjectOnce(t *testing.T) {
	pods, err := newCollection(jsonEncoding, "bench", 5)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for from, next := 0, "0"; next != ""; {
		body, err := pods.page(from, 2)
		if err != nil {
			t.Fatal(err)
		}
		var list corev1.PodList
		if err := json.Unmarshal(body, &list); err != nil {
			t.Fatal(err)
		}
		for _, pod := range list.Items {
			names = append(names, pod.Name)
		}
		next = list.Continue
		from += len(list.Items)
	}
	for number, name := range names {
		if name != podName(number) {
			t.Errorf("object %d is %s", number, name)
		}
	}
	if len(names) != 5 {
		t.Errorf("got %d names", len(names))
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for share, want := range map[float64]float64{0: 1, 0.5: 6, 0.99: 10, 1: 10} {
		if got := quantile(values, share); got != want {
			t.Errorf("the %v quantile is %v, not %v", share, got, want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Errorf("of nothing it is %v", got)
	}
}
