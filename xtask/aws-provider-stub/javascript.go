package main

import (
	"bufio"
	"io"
	"regexp"
	"strings"
)

// class is what one compiled class tells of the schema: a resource, a data source, or an object inside one.
type class struct {
	name       string
	base       string
	terraform  string
	attributes map[string]*member
	written    map[string]*written
	// property is the one whose getter is being read; resettable are those that may stay away.
	property   string
	resettable map[string]bool
}

func newClass(name, base string) *class {
	return &class{
		name: name, base: base, attributes: map[string]*member{}, written: map[string]*written{}, resettable: map[string]bool{},
	}
}

// member is an attribute or block as its comment, its field and its getter tell it. The compiler drops the comment of a
// plain attribute that may be written: whether it is required is told by its reset method, whether it is computed too
// by nothing.
type member struct {
	computed, optional, required bool
	// property is its name in JavaScript.
	property string
	// getter is the method that reads it, as "getStringAttribute".
	getter string
	// holder is the class that holds it, as "DbInstanceTimeoutsOutputReference".
	holder string
	set    bool
}

// written is how a value that may be configured is written out.
type written struct {
	block      bool
	collection string
	storage    string
}

var (
	opensClass    = regexp.MustCompile(`^class (\w+) extends cdktf\.(\w+) \{`)
	opensFunction = regexp.MustCompile(`^function (\w+)ToHclTerraform\(`)
	telling       = regexp.MustCompile(`^\s*// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)`)
	holding       = regexp.MustCompile(`^\s*this\._\w+ = new ([\w.]+)\(this, "(\w+)"(?:, (true|false))?\)`)
	getting       = regexp.MustCompile(`return (cdktf\.Fn\.tolist\()?(?:cdktf\.Token\.as\w+\()*(?:cdktf\.Fn\.tolist\()?this\.(\w+)\('(\w+)'\)`)
	entry         = regexp.MustCompile(`^\s+(\w+): \{$`)
	isBlock       = regexp.MustCompile(`^\s+isBlock: (true|false),`)
	collection    = regexp.MustCompile(`^\s+type: "(\w+)",`)
	storage       = regexp.MustCompile(`^\s+storageClassType: "(\w+)",`)
	property      = regexp.MustCompile(`^    get (\w+)\(\) \{`)
	resetting     = regexp.MustCompile(`^    reset(\w+)\(\) \{`)
	typeName      = regexp.MustCompile(`^(\w+)\.tfResourceType = "(\w+)";`)
)

// reader goes through one compiled file, line by line; the compiler that wrote it is regular enough for that.
type reader struct {
	classes map[string]*class
	// writes holds the functions' entries until their class is known.
	writes  map[string]map[string]*written
	current *class
	entries map[string]*written
	entry   *written
}

func readClasses(source io.Reader) (map[string]*class, error) {
	r := &reader{classes: map[string]*class{}, writes: map[string]map[string]*written{}}
	lines := bufio.NewScanner(source)
	lines.Buffer(make([]byte, 0, 1<<20), 1<<26)
	for lines.Scan() {
		r.line(lines.Text())
	}
	for name, entries := range r.writes {
		if of := r.classes[name+"OutputReference"]; of != nil {
			of.written = entries
		} else {
			r.classes[name] = newClass(name, "")
			r.classes[name].written = entries
		}
	}
	for _, found := range r.classes {
		found.conclude()
	}
	return r.classes, lines.Err()
}

func (r *reader) line(line string) {
	switch {
	case strings.HasPrefix(line, "}"):
		r.current, r.entries, r.entry = nil, nil, nil
	case strings.HasPrefix(line, "class "):
		if found := opensClass.FindStringSubmatch(line); found != nil {
			r.current = newClass(found[1], found[2])
			r.classes[found[1]] = r.current
		}
	case strings.HasPrefix(line, "function "):
		if found := opensFunction.FindStringSubmatch(line); found != nil {
			r.entries = map[string]*written{}
			r.writes[strings.ToUpper(found[1][:1])+found[1][1:]] = r.entries
		}
	case strings.Contains(line, ".tfResourceType = "):
		if found := typeName.FindStringSubmatch(line); found != nil && r.classes[found[1]] != nil {
			r.classes[found[1]].terraform = found[2]
		}
	case r.entries != nil:
		r.write(line)
	case r.current != nil:
		r.member(line)
	}
}

// write takes a line of what writes values out.
func (r *reader) write(line string) {
	if found := entry.FindStringSubmatch(line); found != nil {
		r.entry = &written{}
		r.entries[found[1]] = r.entry
	}
	if r.entry == nil {
		return
	}
	if found := isBlock.FindStringSubmatch(line); found != nil {
		r.entry.block = found[1] == "true"
	} else if found := collection.FindStringSubmatch(line); found != nil {
		r.entry.collection = found[1]
	} else if found := storage.FindStringSubmatch(line); found != nil {
		r.entry.storage = found[1]
	}
}

// member takes a line of a class.
func (r *reader) member(line string) {
	if strings.Contains(line, "synthesizeHclAttributes() {") {
		r.entries = r.current.written
		return
	}
	if found := property.FindStringSubmatch(line); found != nil {
		r.current.property = found[1]
	} else if found := resetting.FindStringSubmatch(line); found != nil {
		r.current.resettable[strings.ToLower(found[1][:1])+found[1][1:]] = true
	} else if found := telling.FindStringSubmatch(line); found != nil {
		at := r.at(found[1])
		at.computed, at.optional, at.required = found[2] == "true", found[3] == "true", found[4] == "true"
	} else if found := holding.FindStringSubmatch(line); found != nil {
		at := r.at(found[2])
		at.holder, at.set = found[1], found[3] == "true"
	} else if found := getting.FindStringSubmatch(line); found != nil {
		at := r.at(found[3])
		at.getter, at.property = found[2], r.current.property
		at.set = at.set || strings.Contains(line, "Fn.tolist(")
	}
}

func (r *reader) at(name string) *member {
	if r.current.attributes[name] == nil {
		r.current.attributes[name] = &member{}
	}
	return r.current.attributes[name]
}

// conclude tells what no comment told of attributes that may be written.
func (c *class) conclude() {
	for name := range c.written {
		at := c.attributes[name]
		if at == nil {
			at = &member{}
			c.attributes[name] = at
		}
		if !at.computed && !at.optional && !at.required {
			at.optional = at.property == "" || c.resettable[at.property]
			at.required = !at.optional
		}
	}
}
