package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usage is a reading of this process's own clock and CPU time.
type usage struct {
	at  time.Time
	cpu float64
}

func readUsage() usage {
	var own unix.Rusage
	// Getrusage of the own process cannot fail with a valid pointer.
	_ = unix.Getrusage(unix.RUSAGE_SELF, &own)
	cpu := time.Duration(own.Utime.Nano() + own.Stime.Nano())
	return usage{at: time.Now(), cpu: cpu.Seconds()}
}

// since fills in what passed from one reading to another.
func (from usage) since(to usage) Figures {
	return Figures{"seconds": to.at.Sub(from.at).Seconds(), "cpuSeconds": to.cpu - from.cpu}
}

// monotonicNanos is CLOCK_MONOTONIC, the same for all processes of the machine.
func monotonicNanos() int64 {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return now.Nano()
}

// memoryBytes reads VmRSS or VmHWM. Not getrusage's maximum: that one begins with the parent's.
func memoryBytes(field string) (float64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, field+":"); found {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kib * 1024, err
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no %s", field)
}

// settledMemory collects garbage, returns free pages to the system and reads what is left.
func settledMemory() (heap float64, resident float64, err error) {
	runtime.GC()
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	resident, err = memoryBytes("VmRSS")
	return float64(stats.HeapAlloc), resident, err
}

// withPeak adds the peak of resident memory.
func withPeak(figures Figures) (Figures, error) {
	peak, err := memoryBytes("VmHWM")
	figures["peakRssBytes"] = peak
	return figures, err
}
