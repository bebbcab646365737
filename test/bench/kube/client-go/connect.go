package main

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// connect reads the kubeconfig. client-go's own limit of 5 requests a second is off: no other contender has one.
func connect(spec Spec) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", spec.Kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.ContentType = "application/json"
	config.AcceptContentTypes = "application/json"
	if spec.Variant == "protobuf" {
		config.ContentType = "application/vnd.kubernetes.protobuf"
		config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	}
	return config, nil
}

func resourceOf(spec Spec) schema.GroupVersionResource {
	return schema.GroupVersionResource{Version: "v1", Resource: spec.Resource}
}

// newInformer makes a shared informer that leaves out managedFields, as @sluice/kube does.
func newInformer(config *rest.Config, spec Spec, namespace string) (cache.SharedIndexInformer, error) {
	made, err := variantInformer(config, spec, namespace)
	if err != nil {
		return nil, err
	}
	return made, made.SetTransform(stripManagedFields)
}

// connectedInformer is newInformer on the contender's own namespace.
func connectedInformer(spec Spec) (cache.SharedIndexInformer, error) {
	config, err := connect(spec)
	if err != nil {
		return nil, err
	}
	return newInformer(config, spec, spec.Namespace)
}

// runUntilSynced starts the informer, which runs on until ctx ends, and waits for its first list.
func runUntilSynced(ctx context.Context, informer cache.SharedIndexInformer) error {
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return context.Cause(ctx)
	}
	return nil
}

func stripManagedFields(object any) (any, error) {
	if found, ok := object.(metav1.Object); ok {
		found.SetManagedFields(nil)
	}
	return object, nil
}

func variantInformer(config *rest.Config, spec Spec, namespace string) (cache.SharedIndexInformer, error) {
	if spec.Variant == "dynamic" {
		client, err := dynamic.NewForConfig(config)
		if err != nil {
			return nil, err
		}
		return dynamicinformer.NewFilteredDynamicInformer(client, resourceOf(spec), namespace, 0, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}, nil).Informer(), nil
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	core := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace)).Core().V1()
	switch spec.Resource {
	case "pods":
		return core.Pods().Informer(), nil
	case "configmaps":
		return core.ConfigMaps().Informer(), nil
	}
	return nil, fmt.Errorf("resource is %q: give pods or configmaps", spec.Resource)
}

// accessor is what all variants' objects offer.
func accessor(object any) (metav1.Object, error) {
	found, ok := object.(metav1.Object)
	if !ok {
		return nil, fmt.Errorf("%T has no metadata", object)
	}
	return found, nil
}
