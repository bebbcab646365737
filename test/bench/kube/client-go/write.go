package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// write makes the ConfigMaps of a namespace when Events is 0, and else changes them at a rate, one after the other.
func write(ctx context.Context, spec Spec) (Figures, error) {
	config, err := connect(spec)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	if spec.Events == 0 {
		return createAll(ctx, client, spec)
	}
	from := readUsage()
	if err := changeAll(ctx, client, spec); err != nil {
		return nil, err
	}
	figures := from.since(readUsage())
	figures["events"] = float64(spec.Events)
	return figures, nil
}

func createAll(ctx context.Context, client kubernetes.Interface, spec Spec) (Figures, error) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: spec.Namespace}}
	if _, err := client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil && !errors.IsAlreadyExists(err) {
		return nil, err
	}
	value := strings.Repeat("0123456789abcdef", spec.ValueBytes/16)
	return getMany(ctx, func(ctx context.Context, number int) error {
		object := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{
				Name: objectName(spec, number), Labels: map[string]string{"app": "assistant"},
				Annotations: map[string]string{sentAnnotation: "0", phaseAnnotation: phaseRunning},
			},
			Data: map[string]string{"config.yaml": value},
		}
		_, err := client.CoreV1().ConfigMaps(spec.Namespace).Create(ctx, object, metav1.CreateOptions{})
		if errors.IsAlreadyExists(err) {
			return nil
		}
		return err
	}, spec.Objects, spec.Concurrency)
}

// changeAll keeps to the rate as far as the server does; one lane changes an object always, so its changes arrive in order.
func changeAll(ctx context.Context, client kubernetes.Interface, spec Spec) error {
	interval := time.Second / time.Duration(max(spec.RatePerSecond, 1))
	started := time.Now()
	lanes := make([]chan int, spec.Concurrency)
	failed := make(chan error, spec.Concurrency)
	for lane := range lanes {
		lanes[lane] = make(chan int, spec.Events)
		go func() { failed <- changeLane(ctx, client, spec, lanes[lane]) }()
	}
	for number := range spec.Events {
		if spec.RatePerSecond > 0 {
			time.Sleep(time.Until(started.Add(time.Duration(number) * interval)))
		}
		lanes[number%spec.Objects%len(lanes)] <- number
	}
	var first error
	for _, lane := range lanes {
		close(lane)
	}
	for range lanes {
		if err := <-failed; first == nil {
			first = err
		}
	}
	return first
}

func changeLane(ctx context.Context, client kubernetes.Interface, spec Spec, numbers <-chan int) error {
	for number := range numbers {
		phase := phaseRunning
		if number >= spec.Events-spec.Objects {
			phase = phaseLast
		}
		patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:"%d",%q:%q}}}`, sentAnnotation, monotonicNanos(), phaseAnnotation, phase)
		if _, err := client.CoreV1().ConfigMaps(spec.Namespace).Patch(ctx, objectName(spec, number), types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			return err
		}
	}
	return nil
}
