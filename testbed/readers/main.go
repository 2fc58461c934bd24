// Command readers shows how the Go programs that read our output read it.
//
// The generator is written in Rust, with parsers and a regexp engine of its own; what counts is what
// GitLab Runner's regexps and kubectl's YAML reader make of the text. The tests ask this program.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const usage = `usage: readers regexp        JSON lines {"pattern": P, "values": [V...]} on standard input
       readers yaml FILE...`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "readers:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	switch {
	case len(args) == 1 && args[0] == "regexp":
		return regexps(os.Stdin, out)
	case len(args) > 1 && args[0] == "yaml":
		return documents(args[1:], out)
	}
	return errors.New(usage)
}

// regexps answers each question by one line: an array of booleans, or {"error": "..."} where Go
// refuses the pattern. A refused pattern is an answer, not a failure: the tests ask for it too.
func regexps(in io.Reader, out io.Writer) error {
	questions := json.NewDecoder(in)
	answers := json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	for {
		var question struct {
			Pattern *string  `json:"pattern"`
			Values  []string `json:"values"`
		}
		if err := questions.Decode(&question); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		if question.Pattern == nil {
			return errors.New(`standard input: a question without "pattern"`)
		}
		if err := answers.Encode(matches(*question.Pattern, question.Values)); err != nil {
			return err
		}
	}
}

func matches(pattern string, values []string) any {
	// Compiled even with no values at all, so that a bad pattern never passes for a good one; and once
	// for all values, which for a pattern of a thousand names takes much longer than to match one.
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	matched := make([]bool, len(values))
	for i, value := range values {
		// What the runner's regexp.MatchString does for an overwrite once it has compiled the pattern.
		matched[i] = compiled.MatchString(value)
	}
	return matched
}

// documents prints a line per file: a JSON array of its documents. It is kubectl's own way of reading
// a stream, including that empty documents are passed over.
func documents(paths []string, out io.Writer) error {
	answers := json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	for _, path := range paths {
		found, err := read(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := answers.Encode(found); err != nil {
			return err
		}
	}
	return nil
}

func read(path string) ([]json.RawMessage, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
	found := []json.RawMessage{}
	for {
		var document runtime.RawExtension
		if err := decoder.Decode(&document); err == io.EOF {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("document %d: %w", len(found)+1, err)
		}
		raw := bytes.TrimSpace(document.Raw)
		if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
			continue
		}
		found = append(found, json.RawMessage(raw))
	}
}
