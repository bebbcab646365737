package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// listOnce lists everything, page by page when a page size is given, and keeps it.
func listOnce(ctx context.Context, spec Spec) (Figures, error) {
	config, err := connect(spec)
	if err != nil {
		return nil, err
	}
	from := readUsage()
	count, err := listAll(ctx, config, spec)
	if err != nil {
		return nil, err
	}
	figures := from.since(readUsage())
	if err := requireAll(count, spec); err != nil {
		return nil, err
	}
	return withPeak(figures)
}

// requireAll allows for objects that the cluster adds to a namespace, such as kube-root-ca.crt.
func requireAll(held int, spec Spec) error {
	if held < spec.Objects {
		return fmt.Errorf("%d objects came, not %d", held, spec.Objects)
	}
	return nil
}

func listAll(ctx context.Context, config *rest.Config, spec Spec) (int, error) {
	list, err := lister(config, spec)
	if err != nil {
		return 0, err
	}
	options := metav1.ListOptions{Limit: spec.PageSize}
	// Every page is kept until the end, as a cache would.
	var pages []any
	count := 0
	for {
		page, size, next, err := list(ctx, options)
		if err != nil {
			return 0, err
		}
		pages = append(pages, page)
		count += size
		if next == "" {
			return count * min(1, len(pages)), nil
		}
		options.Continue = next
	}
}

type listPage func(ctx context.Context, options metav1.ListOptions) (page any, size int, next string, err error)

func lister(config *rest.Config, spec Spec) (listPage, error) {
	if spec.Variant == "dynamic" {
		client, err := dynamic.NewForConfig(config)
		return func(ctx context.Context, options metav1.ListOptions) (any, int, string, error) {
			page, err := client.Resource(resourceOf(spec)).Namespace(spec.Namespace).List(ctx, options)
			if err != nil {
				return nil, 0, "", err
			}
			return page, len(page.Items), page.GetContinue(), nil
		}, err
	}
	client, err := kubernetes.NewForConfig(config)
	return func(ctx context.Context, options metav1.ListOptions) (any, int, string, error) {
		page, err := client.CoreV1().ConfigMaps(spec.Namespace).List(ctx, options)
		if err != nil {
			return nil, 0, "", err
		}
		return page, len(page.Items), page.Continue, nil
	}, err
}

// sendRequests gets single objects, first one at a time and then several at a time.
func sendRequests(ctx context.Context, spec Spec) (Figures, error) {
	get, err := getter(spec)
	if err != nil {
		return nil, err
	}
	if _, err := getMany(ctx, get, spec.WarmUp, 1); err != nil {
		return nil, err
	}
	sequential, err := getMany(ctx, get, spec.Sequential, 1)
	if err != nil {
		return nil, err
	}
	concurrent, err := getMany(ctx, get, spec.Concurrent, spec.Concurrency)
	if err != nil {
		return nil, err
	}
	return withPeak(Figures{
		"sequentialSeconds": sequential["seconds"], "sequentialCpuSeconds": sequential["cpuSeconds"],
		"concurrentSeconds": concurrent["seconds"], "concurrentCpuSeconds": concurrent["cpuSeconds"],
	})
}

func getter(spec Spec) (func(ctx context.Context, number int) error, error) {
	config, err := connect(spec)
	if err != nil {
		return nil, err
	}
	if spec.Variant == "dynamic" {
		client, err := dynamic.NewForConfig(config)
		return func(ctx context.Context, number int) error {
			_, err := client.Resource(resourceOf(spec)).Namespace(spec.Namespace).Get(ctx, objectName(spec, number), metav1.GetOptions{})
			return err
		}, err
	}
	client, err := kubernetes.NewForConfig(config)
	return func(ctx context.Context, number int) error {
		if spec.Resource == "configmaps" {
			_, err := client.CoreV1().ConfigMaps(spec.Namespace).Get(ctx, objectName(spec, number), metav1.GetOptions{})
			return err
		}
		_, err := client.CoreV1().Pods(spec.Namespace).Get(ctx, objectName(spec, number), metav1.GetOptions{})
		return err
	}, err
}

func objectName(spec Spec, number int) string {
	return podName(number % spec.Objects)
}

func getMany(ctx context.Context, get func(ctx context.Context, number int) error, count, concurrency int) (Figures, error) {
	from := readUsage()
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, concurrency)
	for range concurrency {
		group.Go(func() {
			for number := next.Add(1) - 1; number < int64(count); number = next.Add(1) - 1 {
				if err := get(ctx, int(number)); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	group.Wait()
	select {
	case err := <-failures:
		return nil, err
	default:
		return from.since(readUsage()), nil
	}
}
