package main

import (
	"bytes"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// collection holds the encoded objects of one namespace in one encoding. Requests copy what they render.
type collection struct {
	encoding  encoding
	namespace string
	objects   []template
	added     []template
	modified  []template
}

func newCollection(as encoding, namespace string, count int) (*collection, error) {
	made := &collection{encoding: as, namespace: namespace}
	for number := range count {
		pod := samplePod(namespace, number)
		for _, kind := range []struct {
			encode func() ([]byte, error)
			into   *[]template
		}{
			{func() ([]byte, error) { return as.object(pod) }, &made.objects},
			{func() ([]byte, error) { return as.event("ADDED", pod) }, &made.added},
			{func() ([]byte, error) { return as.event("MODIFIED", pod) }, &made.modified},
		} {
			body, err := kind.encode()
			if err != nil {
				return nil, fmt.Errorf("object %d: %w", number, err)
			}
			encoded, err := newTemplate(body)
			if err != nil {
				return nil, fmt.Errorf("object %d: %w", number, err)
			}
			*kind.into = append(*kind.into, encoded)
		}
	}
	return made, nil
}

// page encodes the objects from `from` on, at most `limit` of them (0: all), as a list.
func (c *collection) page(from, limit int) ([]byte, error) {
	to := len(c.objects)
	if limit > 0 && from+limit < to {
		to = from + limit
	}
	next := ""
	if to < len(c.objects) {
		next = fmt.Sprint(to)
	}
	if c.encoding.name == protobufEncoding.name {
		return c.protobufPage(from, to, next)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"%d","continue":%q},"items":[`, baseVersion, next)
	for number := from; number < to; number++ {
		if number > from {
			out.WriteByte(',')
		}
		out.Write(c.copyOf(c.objects[number]))
	}
	out.WriteString("]}")
	return out.Bytes(), nil
}

// protobufPage encodes anew: messages nest by length, so encoded objects cannot be joined.
func (c *collection) protobufPage(from, to int, next string) ([]byte, error) {
	list := corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}, ListMeta: metav1.ListMeta{ResourceVersion: fmt.Sprint(baseVersion), Continue: next}}
	for number := from; number < to; number++ {
		pod := samplePod(c.namespace, number)
		pod.ResourceVersion = fmt.Sprint(baseVersion)
		list.Items = append(list.Items, *pod)
	}
	return encodeProtobuf(&list)
}

// copyOf renders the state before any change; templates are shared, so it renders a copy.
func (c *collection) copyOf(from template) []byte {
	from.body = bytes.Clone(from.body)
	return from.render(baseVersion, 0, phaseRunning)
}

// changes returns the templates of the events for one watch to overwrite.
func (c *collection) changes() []template {
	own := make([]template, len(c.modified))
	for at, shared := range c.modified {
		own[at] = shared
		own[at].body = bytes.Clone(shared.body)
	}
	return own
}

// bookmark encodes a bookmark; an annotation marks the one that ends a streamed list.
func (c *collection) bookmark(version int, annotations map[string]string) ([]byte, error) {
	pod := &corev1.Pod{TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"}, ObjectMeta: metav1.ObjectMeta{ResourceVersion: fmt.Sprint(version), Annotations: annotations}}
	return c.encoding.event("BOOKMARK", pod)
}

// collections makes each collection once, when it is first asked for.
type collections struct {
	mutex sync.Mutex
	made  map[string]*collection
	size  int
}

func (all *collections) get(as encoding, namespace string) (*collection, error) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	key := as.name + " " + namespace
	if found := all.made[key]; found != nil {
		return found, nil
	}
	made, err := newCollection(as, namespace, all.size)
	if err == nil {
		all.made[key] = made
	}
	return made, err
}
