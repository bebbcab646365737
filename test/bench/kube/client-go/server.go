package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// cannedServer answers lists, watches and gets of pods as an API server does, from bytes made in advance.
type cannedServer struct {
	spec        Spec
	collections *collections
	connections atomic.Int64
	watches     atomic.Int64
	requests    atomic.Int64
	sent        atomic.Int64
}

// serve answers until it is told to end, and then says what it has counted.
func serve(ctx context.Context, spec Spec) (Figures, error) {
	certificate, authority, err := newCertificate()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	canned := &cannedServer{spec: spec, collections: &collections{made: map[string]*collection{}, size: spec.Objects}}
	// What JSON readers of the main namespace need is made before anyone waits for it.
	if _, err := canned.collections.get(jsonEncoding, spec.Namespace); err != nil {
		return nil, err
	}
	server := &http.Server{
		Handler:   canned,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				canned.connections.Add(1)
			}
		},
		ReadHeaderTimeout: time.Minute,
	}
	kubeconfig, err := writeKubeconfig(spec.Folder, "https://"+listener.Addr().String(), authority)
	if err != nil {
		return nil, err
	}
	if err := say(map[string]string{"mark": "ready", "kubeconfig": kubeconfig}); err != nil {
		return nil, err
	}
	before := readUsage()
	ended := make(chan error, 1)
	go func() { ended <- server.ServeTLS(listener, "", "") }()
	select {
	case err := <-ended:
		return nil, err
	case <-ctx.Done():
		_ = server.Close()
	}
	return canned.figures(before), nil
}

func (s *cannedServer) figures(before usage) Figures {
	figures := before.since(readUsage())
	figures["connections"] = float64(s.connections.Load())
	figures["watches"] = float64(s.watches.Load())
	figures["requests"] = float64(s.requests.Load())
	figures["sent"] = float64(s.sent.Load())
	return figures
}

func (s *cannedServer) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	s.requests.Add(1)
	namespace, name, found := podPath(request.URL.Path)
	if !found || request.Method != http.MethodGet {
		http.NotFound(response, request)
		return
	}
	if err := s.answer(response, request, encodingFor(request.Header.Get("Accept")), namespace, name); err != nil && request.Context().Err() == nil {
		http.Error(response, err.Error(), http.StatusInternalServerError)
	}
}

func encodingFor(accept string) encoding {
	switch {
	case strings.HasPrefix(accept, protobufEncoding.contentType):
		return protobufEncoding
	case strings.Contains(accept, "as=PartialObjectMetadata"):
		return metadataEncoding
	}
	return jsonEncoding
}

func (s *cannedServer) answer(response http.ResponseWriter, request *http.Request, as encoding, namespace, name string) error {
	pods, err := s.collections.get(as, namespace)
	if err != nil {
		return err
	}
	query := request.URL.Query()
	switch {
	case name != "":
		return s.answerGet(response, pods, name)
	case query.Get("watch") == "true" || query.Get("watch") == "1":
		s.watches.Add(1)
		response.Header().Set("Content-Type", as.watchContentType)
		return s.watch(request, &eventWriter{response: response}, pods)
	}
	from, _ := strconv.Atoi(query.Get("continue"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	body, err := pods.page(from, limit)
	if err != nil {
		return err
	}
	response.Header().Set("Content-Type", as.contentType)
	_, err = response.Write(body)
	return err
}

func (s *cannedServer) answerGet(response http.ResponseWriter, pods *collection, name string) error {
	number, err := strconv.Atoi(strings.TrimPrefix(name, podPrefix))
	if err != nil || number >= len(pods.objects) {
		return fmt.Errorf("there is no pod %q", name)
	}
	response.Header().Set("Content-Type", pods.encoding.contentType)
	_, err = response.Write(pods.copyOf(pods.objects[number]))
	return err
}

// podPath takes /api/v1/namespaces/NAMESPACE/pods[/NAME] apart.
func podPath(path string) (namespace, name string, found bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/api/v1/namespaces/"), "/")
	if !strings.HasPrefix(path, "/api/v1/namespaces/") || len(parts) < 2 || len(parts) > 3 || parts[1] != "pods" {
		return "", "", false
	}
	if len(parts) == 3 {
		name = parts[2]
	}
	return parts[0], name, true
}

// watch sends what the request asks for: the objects there are, all changes after its version, then bookmarks until it ends.
func (s *cannedServer) watch(request *http.Request, out *eventWriter, pods *collection) error {
	query := request.URL.Query()
	streamsList := query.Get("sendInitialEvents") == "true"
	version, _ := strconv.Atoi(query.Get("resourceVersion"))
	if streamsList || version < baseVersion {
		version = baseVersion
		for _, added := range pods.added {
			if err := out.write(pods.copyOf(added)); err != nil {
				return err
			}
		}
	}
	if streamsList {
		if err := out.writeBookmark(pods, version, map[string]string{metav1.InitialEventsAnnotationKey: "true"}); err != nil {
			return err
		}
	}
	if err := out.flush(); err != nil {
		return err
	}
	if err := s.sendChanges(request.Context(), out, pods, version-baseVersion); err != nil {
		return err
	}
	if query.Get("allowWatchBookmarks") != "true" {
		<-request.Context().Done()
		return nil
	}
	return s.sendBookmarks(request.Context(), out, pods)
}

func (s *cannedServer) sendBookmarks(ctx context.Context, out *eventWriter, pods *collection) error {
	ticker := time.NewTicker(time.Duration(max(s.spec.BookmarkMillis, 1000)) * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := errors.Join(out.writeBookmark(pods, baseVersion+s.spec.Events, nil), out.flush()); err != nil {
				return err
			}
		}
	}
}
