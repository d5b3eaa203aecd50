// gc: GC of a network, as a runtime calls it by libcni; cnitool itself gives no attachments.
//
//	gc NETWORK [CONTAINERID/IFNAME...]    those that are still valid; environment as for cnitool
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/types"
)

func main() {
	list, err := libcni.LoadNetworkConf(os.Getenv("NETCONFPATH"), os.Args[1])
	if err == nil {
		valid := &libcni.GCArgs{}
		for _, attachment := range os.Args[2:] {
			container, ifname, _ := strings.Cut(attachment, "/")
			valid.ValidAttachments = append(valid.ValidAttachments,
				types.GCAttachment{ContainerID: container, IfName: ifname})
		}
		plugins := libcni.NewCNIConfig(filepath.SplitList(os.Getenv("CNI_PATH")), nil)
		err = plugins.GCNetworkList(context.Background(), list, valid)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
