package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// Seconds.
var bounds = []float64{0.005, 0.05, 0.5}

// What was answered, under the names that the service uses.
var counted struct {
	sync.Mutex
	good, bad uint64
	within    [4]uint64
}

// Counts what is answered, and lets as many of a hundred requests fail as FAILS says.
func measured(inner http.HandlerFunc) http.HandlerFunc {
	fails, _ := strconv.ParseUint(os.Getenv("FAILS"), 10, 64)
	return func(answer http.ResponseWriter, asked *http.Request) {
		began := time.Now()
		counted.Lock()
		fail := (counted.good+counted.bad)%100 < fails
		if fail {
			counted.bad++
		} else {
			counted.good++
		}
		counted.Unlock()
		if fail {
			http.Error(answer, "as told", http.StatusInternalServerError)
		} else {
			inner(answer, asked)
		}
		seconds := time.Since(began).Seconds()
		counted.Lock()
		defer counted.Unlock()
		for at, bound := range bounds {
			if seconds <= bound {
				counted.within[at]++
			}
		}
		counted.within[len(bounds)]++
	}
}

// Prometheus's text format.
func metrics(answer http.ResponseWriter, _ *http.Request) {
	counted.Lock()
	defer counted.Unlock()
	fmt.Fprintf(answer, "http_requests_total{route=\"/\",status=\"200\"} %d\n", counted.good)
	fmt.Fprintf(answer, "http_requests_total{route=\"/\",status=\"500\"} %d\n", counted.bad)
	for at, bound := range bounds {
		fmt.Fprintf(answer, "http_request_duration_seconds_bucket{route=\"/\",le=\"%g\"} %d\n", bound, counted.within[at])
	}
	fmt.Fprintf(answer, "http_request_duration_seconds_bucket{route=\"/\",le=\"+Inf\"} %d\n", counted.within[len(bounds)])
}
