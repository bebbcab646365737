package main

import (
	"context"
	"fmt"

	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// follow runs an informer, a rate-limited queue and workers until all changes are reconciled.
func follow(ctx context.Context, spec Spec) (Figures, error) {
	informer, err := connectedInformer(spec)
	if err != nil {
		return nil, err
	}
	count := newTally(spec)
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
	defer queue.ShutDown()
	if _, err := informer.AddEventHandler(enqueueing(queue, count)); err != nil {
		return nil, err
	}
	if err := runUntilSynced(ctx, informer); err != nil {
		return nil, err
	}
	for range spec.Workers {
		go work(queue, informer.GetIndexer(), count)
	}
	if err := mark("synced"); err != nil {
		return nil, err
	}
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-count.done:
	}
	return withPeak(count.figures())
}

func enqueueing(queue workqueue.TypedRateLimitingInterface[string], count *tally) cache.ResourceEventHandler {
	add := func(object any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
			queue.Add(key)
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc: add,
		UpdateFunc: func(_, object any) {
			count.changed()
			add(object)
		},
		DeleteFunc: add,
	}
}

func work(queue workqueue.TypedRateLimitingInterface[string], store cache.Store, count *tally) {
	for {
		key, shutDown := queue.Get()
		if shutDown {
			return
		}
		if err := reconcile(key, store, count); err != nil {
			queue.AddRateLimited(key)
		} else {
			queue.Forget(key)
		}
		queue.Done(key)
	}
}

func reconcile(key string, store cache.Store, count *tally) error {
	found, exists, err := store.GetByKey(key)
	if err != nil || !exists {
		return err
	}
	object, err := accessor(found)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return count.reconciled(key, object)
}
