package main

import (
	"context"
	"net/http"
	"time"
)

// A watch that has a backlog gets its events in pieces of about this many bytes, as an API server flushes only when it has caught up.
const flushBytes = 32 << 10

type eventWriter struct {
	response http.ResponseWriter
	pending  []byte
}

func (w *eventWriter) write(event []byte) error {
	w.pending = append(w.pending, event...)
	if len(w.pending) < flushBytes {
		return nil
	}
	return w.flush()
}

func (w *eventWriter) writeBookmark(pods *collection, version int, annotations map[string]string) error {
	event, err := pods.bookmark(version, annotations)
	if err != nil {
		return err
	}
	return w.write(event)
}

func (w *eventWriter) flush() error {
	if _, err := w.response.Write(w.pending); err != nil {
		return err
	}
	w.pending = w.pending[:0]
	return http.NewResponseController(w.response).Flush()
}

// sendChanges sends the changes from number `next` on. Change n makes version base+1+n of object n modulo the number of objects.
func (s *cannedServer) sendChanges(ctx context.Context, out *eventWriter, pods *collection, next int) error {
	changes := pods.changes()
	if len(changes) == 0 {
		return nil
	}
	send := func() error {
		phase := phaseRunning
		if next >= s.spec.Events-len(changes) {
			phase = phaseLast
		}
		event := changes[next%len(changes)].render(baseVersion+1+next, monotonicNanos(), phase)
		next++
		s.sent.Add(1)
		return out.write(event)
	}
	if s.spec.RatePerSecond == 0 {
		for next < s.spec.Events && ctx.Err() == nil {
			if err := send(); err != nil {
				return err
			}
		}
		return out.flush()
	}
	return s.paced(ctx, s.spec.Events-next, func() error {
		if err := send(); err != nil {
			return err
		}
		return out.flush()
	})
}

// paced calls `send` `count` times at the rate; what a late timer missed is sent at once.
func (s *cannedServer) paced(ctx context.Context, count int, send func() error) error {
	interval := time.Second / time.Duration(s.spec.RatePerSecond)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	started := time.Now()
	for sent := 0; sent < count; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		for due := int(time.Since(started) / interval); sent < min(due, count); sent++ {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return nil
}
