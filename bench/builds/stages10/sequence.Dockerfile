# The same work, one after the other.
FROM busybox
ARG ROUND=0
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum0 && rm /zeros && echo $ROUND >> /sum0
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum1 && rm /zeros && echo $ROUND >> /sum1
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum2 && rm /zeros && echo $ROUND >> /sum2
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum3 && rm /zeros && echo $ROUND >> /sum3
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum4 && rm /zeros && echo $ROUND >> /sum4
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum5 && rm /zeros && echo $ROUND >> /sum5
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum6 && rm /zeros && echo $ROUND >> /sum6
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum7 && rm /zeros && echo $ROUND >> /sum7
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum8 && rm /zeros && echo $ROUND >> /sum8
RUN truncate -s 10000000 /zeros && for i in $(seq 15); do sha256sum /zeros; done > /sum9 && rm /zeros && echo $ROUND >> /sum9
