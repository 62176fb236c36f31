// What pods of the tests do: a word chooses it.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

var deeds = map[string]func(argument string) error{
	"serve":   serve,
	"knock":   knock,
	"resolve": resolve,
	"burn":    burn,
	"eat":     eat,
	"end":     end,
}

func main() {
	if len(os.Args) != 3 || deeds[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: probe serve PORT | knock URL | resolve NAME | burn SECONDS | eat MEGABYTES | end SECONDS")
		os.Exit(2)
	}
	if err := deeds[os.Args[1]](os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Answers until it is told to end: /ready and /live with what was last posted to them, anything else with its name.
func serve(port string) error {
	name, _ := os.Hostname()
	for _, path := range []string{"/ready", "/live"} {
		var status atomic.Int32
		status.Store(http.StatusOK)
		http.HandleFunc("GET "+path, func(answer http.ResponseWriter, _ *http.Request) {
			answer.WriteHeader(int(status.Load()))
		})
		http.HandleFunc("POST "+path+"/{status}", func(answer http.ResponseWriter, asked *http.Request) {
			wanted, err := strconv.Atoi(asked.PathValue("status"))
			if err != nil || wanted < 200 || wanted > 599 {
				answer.WriteHeader(http.StatusBadRequest)
				return
			}
			status.Store(int32(wanted))
		})
	}
	http.HandleFunc("GET /", measured(func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(answer, name)
	}))
	http.HandleFunc("GET /metrics", metrics)
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	failed := make(chan error, 1)
	go func() { failed <- http.ListenAndServe(":"+port, nil) }()
	select {
	case <-told:
		return nil
	case err := <-failed:
		return err
	}
}

// Asks somebody again and again, over a new connection each time, so that every pod of a service gets its share; with
// several voices, since one may hang on a pod that has just gone.
func knock(url string) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	voice := func() {
		for {
			if answer, err := client.Get(url); err == nil {
				answer.Body.Close()
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	for range 7 {
		go voice()
	}
	voice()
	return nil
}

// Says which addresses a name has.
func resolve(name string) error {
	addresses, err := net.LookupHost(name)
	for _, address := range addresses {
		fmt.Println(address)
	}
	return err
}

// Keeps one processor busy.
func burn(seconds string) error {
	duration, err := time.ParseDuration(seconds + "s")
	for until := time.Now().Add(duration); time.Now().Before(until); {
	}
	return err
}

// Takes memory and keeps it.
func eat(megabytes string) error {
	count, err := strconv.Atoi(megabytes)
	if err != nil {
		return err
	}
	var kept [][]byte
	for range count {
		block := make([]byte, 1<<20)
		for i := range block {
			block[i] = 1
		}
		kept = append(kept, block)
	}
	fmt.Println(len(kept))
	select {}
}

// Fails after a while.
func end(seconds string) error {
	duration, err := time.ParseDuration(seconds + "s")
	if err != nil {
		return err
	}
	time.Sleep(duration)
	return fmt.Errorf("ended after %s s, as told", seconds)
}
