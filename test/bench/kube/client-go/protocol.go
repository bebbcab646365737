package main

import (
	"encoding/json"
	"os"
)

// Spec is what one process is to do; unused fields are zero. The TypeScript side writes it.
type Spec struct {
	Kubeconfig string `json:"kubeconfig"`
	// Variant is how client-go reads: "typed" (JSON), "dynamic" (unstructured JSON) or "protobuf".
	Variant   string `json:"variant"`
	Namespace string `json:"namespace"`
	// Resource is "pods" or "configmaps".
	Resource string `json:"resource"`
	Objects  int    `json:"objects"`
	// Events is how many changes a follower waits for, a server sends or a writer makes.
	Events int `json:"events"`
	// WarmUp is how many first changes do not count into latencies.
	WarmUp  int `json:"warmUp"`
	Workers int `json:"workers"`
	// RatePerSecond 0 means as fast as it goes.
	RatePerSecond  int    `json:"ratePerSecond"`
	PageSize       int64  `json:"pageSize"`
	Sequential     int    `json:"sequential"`
	Concurrent     int    `json:"concurrent"`
	Concurrency    int    `json:"concurrency"`
	Watches        int    `json:"watches"`
	Seconds        int    `json:"seconds"`
	BookmarkMillis int    `json:"bookmarkMillis"`
	Folder         string `json:"folder"`
	ValueBytes     int    `json:"valueBytes"`
	// Collect asks for a garbage collection before memory is read.
	Collect bool `json:"collect"`
}

// Figures are a process's results by name.
type Figures map[string]float64

// say prints one line of JSON, which the parent reads.
func say(line any) error {
	return json.NewEncoder(os.Stdout).Encode(line)
}

// mark tells the parent that a stage is reached; the parent notes the time.
func mark(stage string) error {
	return say(map[string]string{"mark": stage})
}
