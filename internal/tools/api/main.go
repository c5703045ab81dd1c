// Command api writes the exported API of this repository's modules to a
// directory, as one text file per module:
//
//	go run ./api ../../api
//
// The listings in the folder api of the repository's root are checked in, so
// that a change of the API shows in review.
package main

import (
	"cmp"
	"fmt"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// modules are the modules that other people import, by their directories in the
// repository.
var modules = []string{".", "awsconfig", "buildupload", "otelgamelift"}

const root = "../.." // the repository, from this command's module

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./api DIRECTORY")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(directory string) error {
	for _, module := range modules {
		pkgs, err := load(filepath.Join(root, module))
		if err != nil {
			return err
		}
		name := module
		if module == "." {
			name = "gamelift"
		}
		var listing strings.Builder
		for _, pkg := range pkgs {
			list(&listing, pkg.Types)
		}
		if err := os.WriteFile(filepath.Join(directory, name+".txt"), []byte(listing.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// load returns the packages of a module that other modules can import, sorted by
// path.
func load(directory string) ([]*packages.Package, error) {
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedExportFile | packages.NeedTypes,
		Dir: directory,
	}, "./...")
	if err != nil {
		return nil, err
	}
	pkgs = slices.DeleteFunc(pkgs, func(p *packages.Package) bool {
		return p.Name == "main" || strings.Contains(p.PkgPath+"/", "/internal/")
	})
	slices.SortFunc(pkgs, func(a, b *packages.Package) int { return cmp.Compare(a.PkgPath, b.PkgPath) })
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return nil, p.Errors[0]
		}
	}
	return pkgs, nil
}

// list writes what a package exports: constants, variables, functions, and types
// with their fields and methods.
func list(w io.Writer, pkg *types.Package) {
	qualifier := func(other *types.Package) string {
		switch domain, _, _ := strings.Cut(other.Path(), "/"); {
		case other == pkg:
			return ""
		case strings.Contains(domain, ".") && !strings.HasPrefix(other.Path(), "github.com/gamelift-compute/gamelift"):
			return other.Path() // more than one package is named http
		default:
			return other.Name()
		}
	}
	fmt.Fprintf(w, "package %s\n\n", pkg.Path())
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		switch object := object.(type) {
		case *types.Const:
			declaration := strings.Replace(types.ObjectString(object, qualifier), " untyped string", "", 1)
			fmt.Fprintf(w, "%s = %s\n", declaration, object.Val().ExactString())
		case *types.TypeName:
			listType(w, object, qualifier)
		default:
			fmt.Fprintln(w, types.ObjectString(object, qualifier))
		}
	}
	fmt.Fprintln(w)
}

func listType(w io.Writer, name *types.TypeName, qualifier types.Qualifier) {
	if name.IsAlias() {
		fmt.Fprintln(w, types.ObjectString(name, qualifier))
		return
	}
	named := name.Type().(*types.Named)
	switch underlying := named.Underlying().(type) {
	case *types.Struct:
		fmt.Fprintf(w, "type %s struct\n", name.Name())
		hidden := false
		for field := range underlying.Fields() {
			if field.Exported() {
				kind := "field"
				if field.Embedded() {
					kind = "embeds"
				}
				fmt.Fprintf(w, "\t%s %s %s\n", kind, field.Name(), types.TypeString(field.Type(), qualifier))
			}
			hidden = hidden || !field.Exported()
		}
		if hidden {
			fmt.Fprintln(w, "\thas unexported fields")
		}
	case *types.Interface:
		fmt.Fprintf(w, "type %s interface\n", name.Name())
	default:
		fmt.Fprintf(w, "type %s %s\n", name.Name(), types.TypeString(underlying, qualifier))
	}
	var receiver types.Type = named
	if !types.IsInterface(named) {
		receiver = types.NewPointer(named)
	}
	for selection := range types.NewMethodSet(receiver).Methods() {
		method := selection.Obj().(*types.Func)
		if !method.Exported() {
			continue
		}
		on := "*" + name.Name()
		if types.NewMethodSet(named).Lookup(method.Pkg(), method.Name()) != nil {
			on = name.Name()
		}
		signature := strings.TrimPrefix(types.TypeString(method.Signature(), qualifier), "func")
		fmt.Fprintf(w, "\tmethod (%s) %s%s\n", on, method.Name(), signature)
	}
}
